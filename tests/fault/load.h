// Clients that write and follow while the service is being killed, and the answers that they got.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/service.h"
#include "tests/support/feed_checks.h"
#include "tests/support/feed_consumer.h"

namespace journeyfeed::testing {

enum class Told { kDone, kRefused, kUnknown };

// One write, however often it was sent. Each attempt has a different correlation id, which the log keeps.
struct Attempted {
  std::vector<Uuid> sendings;
  bool has_request_id = false;
  Told told = Told::kUnknown;  // the last answer
  std::int64_t version = 0;    // kDone
};

// Writers on a few keys, half of them with request ids and retries; followers that die at random and resume. Finish
// ends them.
class Load {
 public:
  static constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(90);

  Load(Service& service, unsigned seed, int writers = 4, int followers = 3);
  ~Load();

  int acknowledged() const { return acknowledged_; }
  int unknown() const { return unknown_; }
  // Waits for `more` acknowledged writes. Returns whether they came.
  [[nodiscard]] bool AwaitWork(int more, std::chrono::milliseconds limit = kPatience) const;
  // Makes every follower die before it processes its next message. Returns whether all died, resumed and received
  // another message.
  [[nodiscard]] bool AwaitFollowersDieAndResume(std::chrono::milliseconds limit = kPatience);

  // Stops the writers, lets the followers reach the head, and compares all answers with the database.
  Problems Finish();

 private:
  void Write(std::stop_token stop, int number);
  void Follow(int number);
  Attempted WriteOnce(std::mt19937& random, int number);
  Problems CheckWrites(const FinalState& final) const;

  Service& service_;
  const unsigned seed_;
  // The deaths that a follower was ordered and died.
  struct Deaths {
    std::atomic<int> died = 0, resumed = 0;
  };
  // Whether the follower must die before it processes a received message.
  bool MustDie(Deaths& deaths) const;

  std::atomic<int> acknowledged_ = 0, unknown_ = 0, deaths_ordered_ = 0;
  std::vector<std::unique_ptr<Deaths>> deaths_;  // by follower
  std::atomic<std::int64_t> stop_at_ = -1;       // where followers end
  std::atomic<bool> give_up_ = false;
  mutable std::mutex mutex_;
  std::vector<Attempted> attempts_;  // guarded by mutex_
  Problems problems_;                // guarded by mutex_
  std::vector<std::unique_ptr<FeedConsumer>> followers_;
  std::vector<std::jthread> writing_, following_;
};

}  // namespace journeyfeed::testing
