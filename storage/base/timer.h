// Runs tasks later, on one thread, so that no other thread waits for a time to pass.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <utility>

#include "storage/base/mutex.h"
#include "storage/base/worker.h"

namespace journeyfeed {

// Thread-safe. It does not bound the number of tasks: its users do.
class Timer {
 public:
  using Task = std::move_only_function<void()>;

  // `name` is for the log and must outlive this.
  explicit Timer(const char* name);
  // Waits for the task that runs, and drops those that are left.
  ~Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Names a task that waits.
  using Ticket = std::pair<Worker::Clock::time_point, std::uint64_t>;

  // Runs `task` on the timer's thread when `time` has passed, never earlier; at once if it is not positive. Of tasks
  // that wait, the one that is due first runs first; of those due at the same time, the one that came first. A task
  // must not block: the others wait for it. One that throws is logged. A task may call this too.
  Ticket RunAfter(std::chrono::milliseconds time, Task task);

  // Drops a task that still waits, and frees what it holds. Does not wait for one that runs.
  void Cancel(const Ticket& ticket);

 private:
  using Clock = Worker::Clock;

  // Returns when the next task is due.
  Clock::time_point RunDue(const std::stop_token& stop);

  const char* const name_;
  Mutex mutex_;  // never held while a task runs or is destroyed
  std::map<Ticket, Task> waiting_ JF_GUARDED_BY(mutex_);
  std::uint64_t last_number_ JF_GUARDED_BY(mutex_) = 0;

  Worker worker_;  // last: it uses everything above
};

}  // namespace journeyfeed
