// Where checks of journeys run: a definition costs milliseconds, and plugged RecordStates may ask other services.
// gRPC's own threads must do neither.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/status.h"

namespace journeyfeed::customer_journey {

// Thread-safe. At most 256 tasks and 64 MiB wait.
class CheckQueue {
 public:
  // `go` is the reason not to do the work: OVERLOADED at once, or DEADLINE_EXCEEDED when its turn came too late. An
  // exception is logged; the caller gets its error when the task is destroyed and drops the call's handle.
  using Task = std::function<void(Result<void> go)>;

  CheckQueue();
  // Every task that was taken is done first.
  ~CheckQueue();
  CheckQueue(const CheckQueue&) = delete;
  CheckQueue& operator=(const CheckQueue&) = delete;

  // `bytes`: what the task holds on to.
  void Run(std::size_t bytes, std::chrono::steady_clock::time_point deadline, Task task);

 private:
  struct Entry {
    std::size_t bytes;
    std::chrono::steady_clock::time_point deadline;
    Task task;
  };
  static void Do(const Entry& entry);
  void Work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> waiting_;  // guarded by mutex_, like the next two
  std::size_t bytes_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;  // fixed at construction
};

}  // namespace journeyfeed::customer_journey
