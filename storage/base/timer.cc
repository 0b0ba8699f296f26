#include "storage/base/timer.h"

#include <utility>

#include "storage/base/guarded.h"

namespace journeyfeed {

Timer::Timer(const char* name)
    : name_(name), worker_(name, [this](const std::stop_token& stop) { return RunDue(stop); }) {}

Timer::Ticket Timer::RunAfter(std::chrono::milliseconds time, Task task) {
  Ticket ticket;
  bool first = false;
  {
    const MutexLock lock(mutex_);
    ticket = {Clock::now() + time, ++last_number_};
    const auto added = waiting_.emplace(ticket, std::move(task)).first;
    first = added == waiting_.begin();
  }
  if (first) worker_.Wake();
  return ticket;
}

void Timer::Cancel(const Ticket& ticket) {
  decltype(waiting_)::node_type dropped;  // its task is destroyed outside the lock
  const MutexLock lock(mutex_);
  dropped = waiting_.extract(ticket);
}

Timer::Clock::time_point Timer::RunDue(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  while (!waiting_.empty() && !stop.stop_requested()) {
    const auto first = waiting_.begin();
    if (first->first.first > Clock::now()) return first->first.first;
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
