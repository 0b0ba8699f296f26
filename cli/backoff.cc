#include "cli/backoff.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace journeyfeed::cli {

std::chrono::milliseconds Backoff::Next(std::optional<std::chrono::milliseconds> asked) {
  constexpr int kFirst = 200, kLongest = 30'000, kDoublings = 8;
  const int base = std::min(kFirst << std::min(attempts_, kDoublings), kLongest);
  ++attempts_;
  const std::chrono::milliseconds own(std::uniform_int_distribution<int>(base * 4 / 5, base * 6 / 5)(random_));
  return std::max(own, asked.value_or(std::chrono::milliseconds(0)));
}

void Backoff::Reset() { attempts_ = 0; }

bool Pause(std::stop_token stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace journeyfeed::cli
