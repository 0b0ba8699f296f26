#include "storage/base/task_threads.h"

#include <utility>

#include "storage/base/guarded.h"

namespace journeyfeed {

TaskThreads::TaskThreads(const char* name, int threads, Limits limits, AtEnd at_end)
    : name_(name), limits_(limits), at_end_(at_end) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

TaskThreads::~TaskThreads() {
  std::deque<Entry> dropped;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    if (at_end_ == AtEnd::kDrop) dropped.swap(waiting_);
  }
  changed_.notify_all();
  dropped.clear();  // outside the lock: the destructor of a task may do work
  threads_.clear();
}

bool TaskThreads::Accept(std::size_t bytes, Task& task) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || waiting_.size() >= limits_.tasks) return false;
    if (!waiting_.empty() && (bytes > limits_.bytes || bytes_ > limits_.bytes - bytes)) return false;
    bytes_ += bytes;
    waiting_.push_back({bytes, std::move(task)});
  }
  changed_.notify_one();
  return true;
}

void TaskThreads::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Entry entry = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= entry.bytes;
    lock.unlock();
    Guarded(name_, [&entry] { entry.task(); });
    entry.task = nullptr;  // frees what it holds before the next task
    lock.lock();
  }
}

}  // namespace journeyfeed
