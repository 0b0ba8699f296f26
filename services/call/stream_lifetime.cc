#include "services/call/stream_lifetime.h"

#include <cstdint>

namespace journeyfeed::call {

using std::chrono::milliseconds;

milliseconds StreamLifetime::PickLifetime() {
  const std::int64_t fifth = settings_.mean.count() / 5;
  std::uniform_int_distribution<std::int64_t> difference(-fifth, fifth);
  const MutexLock lock(mutex_);
  return settings_.mean + milliseconds(difference(random_));
}

milliseconds StreamLifetime::PickReconnectAfter() {
  std::uniform_int_distribution<std::int64_t> after(0, settings_.drain_spread.count());
  const MutexLock lock(mutex_);
  return milliseconds(after(random_));
}

}  // namespace journeyfeed::call
