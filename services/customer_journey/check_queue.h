// Runs the checks of journeys: a definition takes milliseconds, and plugged RecordStates may call other services.
// gRPC's own threads must do neither.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "storage/base/task_threads.h"
#include "storage/failure.h"

namespace journeyfeed::customer_journey {

// Thread-safe. Limits the waiting tasks to 256 and 64 MiB.
class CheckQueue {
 public:
  // `go` is an error if the task must not do its work: OVERLOADED at once, or DEADLINE_EXCEEDED if it waited too long.
  // An exception is logged; the caller gets its error when the task is destroyed and drops the handle of the call.
  using Task = std::function<void(Result<void> go)>;

  // The destructor runs all accepted tasks first.
  CheckQueue();

  // `bytes`: the memory that the task holds.
  void RunCheck(std::size_t bytes, std::chrono::steady_clock::time_point deadline, Task task);

 private:
  TaskThreads threads_;
};

}  // namespace journeyfeed::customer_journey
