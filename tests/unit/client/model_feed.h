// A feed as a model: a table whose records move, a log of which the beginning is removed and the end is lost, and
// streams that keep the promises of RetrieveEntityChanges and nothing more.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/cli/fake_service.h"

namespace journeyfeed::client::testing {

// Thread-safe. The world changes while a stream runs, until `changes` are used up.
class ModelFeed {
 public:
  using Versions = std::map<std::string, std::int64_t>;

  ModelFeed(unsigned seed, int changes) : random_(seed), changes_left_(changes) {}

  grpc::Status Stream(const cli::testing::FakeSessions::Request& request, cli::testing::FakeSessions::Writer& writer);

  Versions table() const;
  // The table when a message with this token was made, if it was marked consistent.
  std::optional<Versions> StateAt(const std::string& token) const;

  int expired() const { return expired_; }
  int lost() const { return lost_; }

 private:
  struct Record {
    std::int64_t version = 0;
    int place = 0;  // in which a load finds it
  };
  struct Entry {
    std::string id;
    std::int64_t version = 0;
    bool removed = false;
  };
  struct Place {
    int history = 0;
    bool loading = true;
    std::size_t seq = 0;  // of the last entry that was read; in a load, of its start
    int at = 0;           // of the load
  };
  using Response = cli::testing::FakeSessions::Response;

  // Each is called with the mutex held.
  void Change();
  void LoseHistory();
  std::optional<Place> Continue(const std::string& token, bool& resync);
  Response LoadPage(Place& place);
  Response ChangesPage(Place& place);
  bool IsNewest(const Entry& entry) const;
  Versions VersionsNow() const;
  int Any(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  mutable std::mutex mutex_;
  std::minstd_rand random_;
  int changes_left_;
  std::map<std::string, Record> records_;
  std::vector<Entry> log_;
  std::size_t floor_ = 0;  // what was removed of the log
  std::int64_t version_ = 0;
  int history_ = 0;
  std::map<std::string, Record> saved_;  // with saved_log_: what a lost history goes back to
  std::size_t saved_log_ = 0;
  std::map<std::string, Versions> states_;
  int expired_ = 0;
  int lost_ = 0;
};

}  // namespace journeyfeed::client::testing
