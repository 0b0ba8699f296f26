// Runs the checks of journeys: a definition takes milliseconds, and plugged RecordStates may call other services.
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

// Thread-safe. Limits the waiting tasks to 256 and 64 MiB.
class CheckQueue {
 public:
  // `go` is an error if the task must not do its work: OVERLOADED at once, or DEADLINE_EXCEEDED if it waited too long.
  // An exception is logged; the caller gets its error when the task is destroyed and drops the handle of the call.
  using Task = std::function<void(Result<void> go)>;

  CheckQueue();
  // Runs all accepted tasks first.
  ~CheckQueue();
  CheckQueue(const CheckQueue&) = delete;
  CheckQueue& operator=(const CheckQueue&) = delete;

  // `bytes`: the memory that the task holds.
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
