// Decides when the server ends its streams: when they have lived long enough, and when it drains. The streams of all
// methods share one.
#pragma once

#include <chrono>
#include <random>
#include <stop_token>

#include "storage/base/mutex.h"

namespace journeyfeed::call {

struct StreamLifetimeSettings {
  std::chrono::milliseconds mean = std::chrono::minutes(30);         // varied by up to a fifth
  std::chrono::milliseconds drain_spread = std::chrono::seconds(5);  // over which ended streams come back
};

// Thread-safe; outlives the streams. It keeps no list of them: a stream asks it at each step.
class StreamLifetime {
 public:
  explicit StreamLifetime(const StreamLifetimeSettings& settings = {}) : settings_(settings) {}

  // How long a new stream lives: random, so that streams that began together do not end together.
  std::chrono::milliseconds PickLifetime();
  // After what time the caller of an ended stream should come back: random, within the drain spread, so that callers do
  // not come back together.
  std::chrono::milliseconds PickReconnectAfter();

  // Streams end at their next step from now on, and new ones as soon as they begin. Returns when the callbacks on
  // drain_token() have run. Only the first call counts.
  void Drain() { drain_.request_stop(); }
  bool draining() const { return drain_.stop_requested(); }
  // Stopped by Drain, for who wakes streams that wait. A std::stop_callback on it runs on the thread that drains, when
  // draining() is true already, or at once in its constructor if the drain came before. It must not throw. Its
  // destructor waits for it.
  std::stop_token drain_token() const { return drain_.get_token(); }

 private:
  const StreamLifetimeSettings settings_;
  std::stop_source drain_;
  Mutex mutex_;
  std::mt19937_64 random_ JF_GUARDED_BY(mutex_){std::random_device{}()};
};

}  // namespace journeyfeed::call
