// Threads that run tasks in order of arrival, from one bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace journeyfeed {

// Thread-safe. A task that throws is logged; the next one follows.
class TaskThreads {
 public:
  using Task = std::move_only_function<void()>;

  // Of the tasks that wait. A task that finds the queue empty is taken whatever its size is.
  struct Limits {
    std::size_t tasks = std::numeric_limits<std::size_t>::max();
    std::size_t bytes = std::numeric_limits<std::size_t>::max();
  };
  // What the destructor does with tasks that wait; it always waits for those that run.
  enum class AtEnd { kRun, kDrop };

  // `name` is for the log and must outlive this.
  TaskThreads(const char* name, int threads, Limits limits, AtEnd at_end);
  ~TaskThreads();
  TaskThreads(const TaskThreads&) = delete;
  TaskThreads& operator=(const TaskThreads&) = delete;

  // Takes the task, which holds `bytes` of memory, and returns true; false if the queue is full or being destroyed,
  // and then `task` is untouched.
  [[nodiscard]] bool Accept(std::size_t bytes, Task& task);

 private:
  struct Entry {
    std::size_t bytes;
    Task task;
  };
  void Work();

  const char* const name_;
  const Limits limits_;
  const AtEnd at_end_;
  std::mutex mutex_;  // guards the following members
  std::condition_variable changed_;
  std::deque<Entry> waiting_;
  std::size_t bytes_ = 0;
  bool ending_ = false;

  std::vector<std::jthread> threads_;  // last: they use everything above
};

}  // namespace journeyfeed
