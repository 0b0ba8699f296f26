// Clients of several replicas: writers with the recommended retry policy, and followers that resume anywhere. At the
// end all answers are compared with the database.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/feed_checks.h"
#include "tests/support/feed_consumer.h"

namespace journeyfeed::testing {

// The service config of docs/operations.md, verbatim.
std::string RecommendedServiceConfig();

// A separate channel to all of the addresses, with that config.
std::shared_ptr<grpc::Channel> ConnectTo(const std::vector<std::string>& addresses);

struct ClientsSettings {
  std::vector<std::string> addresses;  // of the replicas
  std::string database_url;            // for the keys of tokens
  unsigned seed = 1;
  int writers = 4;
  int followers = 3;
  bool followers_die = true;  // at random before processing
};

// One write, however often it was sent with its request id.
struct Written {
  std::string correlation_id;
  grpc::Status status;       // the last answer
  std::int64_t version = 0;  // when that is OK
  int sendings = 0;          // by the client itself; retries by the channel's policy are not visible
};

// Works until Finish.
class Clients {
 public:
  explicit Clients(ClientsSettings settings);
  ~Clients();

  int acknowledged() const { return acknowledged_; }
  int resumed() const { return resumed_; }
  // Waits for that many more acknowledged writes. Returns whether they came.
  [[nodiscard]] bool AwaitWork(int more, std::chrono::milliseconds limit = std::chrono::seconds(120)) const;
  // Waits until every follower has a stream that delivered something. Returns whether they have.
  [[nodiscard]] bool AwaitFollowing() const;
  // Calls that ended without OK after the channel's own retries. A writer repeats such a call with the same request id.
  std::vector<std::string> failed_calls() const;
  // The reconnect hints of streams that a server ended.
  std::vector<std::chrono::milliseconds> reconnect_hints() const;

  // Stops the writers, lets the followers reach the head, and checks: acknowledged writes are in the log, once; every
  // promise of the feed for every follower; stream = table. `database_url`: of the current primary.
  Problems Finish(const std::string& database_url);

 private:
  void Write(std::stop_token stop, int number);
  void Follow(int number);
  Problems CheckWrites(const FinalState& final) const;
  void Pause(std::chrono::milliseconds time) const;

  const ClientsSettings settings_;
  std::atomic<int> acknowledged_ = 0, resumed_ = 0, following_count_ = 0;
  std::atomic<std::int64_t> stop_at_ = -1;  // where followers end
  std::atomic<bool> give_up_ = false;
  mutable std::mutex mutex_;
  std::vector<Written> written_;                  // guarded by mutex_
  std::vector<std::string> failed_;               // guarded by mutex_
  Problems problems_;                             // guarded by mutex_
  std::vector<std::chrono::milliseconds> hints_;  // guarded by mutex_
  std::vector<std::unique_ptr<FeedConsumer>> followers_;
  std::vector<std::jthread> writing_, following_;
};

// The reason that the service gave; "" if the transport answered instead.
std::string ReasonOf(const grpc::Status& status);

}  // namespace journeyfeed::testing
