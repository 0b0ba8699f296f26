#include "storage/base/timer.h"

#include <utility>

#include "storage/base/guarded.h"

namespace journeyfeed {

Timer::Timer(const char* name)
    : name_(name), worker_(name, [this](const std::stop_token& stop) { return RunDue(stop); }) {}

void Timer::RunAfter(std::chrono::milliseconds time, Task task) {
  bool first = false;
  {
    const MutexLock lock(mutex_);
    const auto added = waiting_.emplace(Clock::now() + time, std::move(task));
    first = added == waiting_.begin();
  }
  if (first) worker_.Wake();
}

Timer::Clock::time_point Timer::RunDue(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  while (!waiting_.empty() && !stop.stop_requested()) {
    const auto first = waiting_.begin();
    if (first->first > Clock::now()) return first->first;
    Task task = std::move(first->second);
    waiting_.erase(first);
    lock.unlock();
    Guarded(name_, [&task] { task(); });
    task = nullptr;  // frees what it holds outside the lock
    lock.lock();
  }
  return Clock::time_point::max();
}

}  // namespace journeyfeed
