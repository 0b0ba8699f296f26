#include "storage/base/pause.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>

namespace journeyfeed {

using std::chrono::milliseconds;

milliseconds Backoff::Next(std::optional<milliseconds> asked) {
  milliseconds pause = first_;
  for (int i = 0; i < attempts_ && pause < longest_; ++i) pause *= 2;
  pause = std::min(pause, longest_);
  ++attempts_;
  if (spread_ > 0) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_real_distribution<double> factor(1 - spread_, 1 + spread_);
    pause = milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * factor(random)));
  }
  return std::max(pause, asked.value_or(milliseconds(0)));
}

bool Pause(std::stop_token stop, milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace journeyfeed
