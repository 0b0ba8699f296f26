// A thread that works in rounds and rests between them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <stop_token>
#include <thread>

#include "storage/base/mutex.h"

namespace journeyfeed {

// Thread-safe. The owner declares it last, since rounds use what stands above it.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;
  // Does what is due and returns when the next round is. It ends soon after the stop is requested. One that throws is
  // logged and follows again after a second.
  using Round = std::function<Clock::time_point(const std::stop_token& stop)>;

  // The first round begins at once. `name` is for the log and lives as long.
  Worker(const char* name, Round round);
  ~Worker() { Stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The next round begins at once, or after the one under way.
  void Wake();
  // Waits for the round under way.
  void Stop();

 private:
  void Run(const std::stop_token& stop);

  const char* const name_;
  const Round round_;
  Mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ JF_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace journeyfeed
