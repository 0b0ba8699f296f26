// A thread that works in rounds and rests between them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <stop_token>
#include <thread>

#include "storage/base/mutex.h"

namespace journeyfeed {

// Thread-safe. Declare it as the last member, because rounds use the members above it.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;
  // Does what is due and returns the time of the next round. Must end soon after a stop is requested. A round that
  // throws is logged; the next one follows after a second.
  using Round = std::function<Clock::time_point(const std::stop_token& stop)>;

  // The first round begins at once. `name` is for the log and must outlive this.
  Worker(const char* name, Round round);
  ~Worker() { Stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Starts the next round at once, or right after the current one.
  void Wake();
  // Waits for the current round.
  void Stop();

 private:
  void RunRounds(const std::stop_token& stop);

  const char* const name_;
  const Round round_;
  Mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ JF_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace journeyfeed
