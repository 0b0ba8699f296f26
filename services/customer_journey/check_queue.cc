#include "services/customer_journey/check_queue.h"

#include <utility>

#include "storage/base/guarded.h"

namespace journeyfeed::customer_journey {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr int kThreads = 2;
constexpr std::size_t kMostWaiting = 256;
constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

}  // namespace

CheckQueue::CheckQueue() {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Work(); });
}

CheckQueue::~CheckQueue() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void CheckQueue::Run(std::size_t bytes, std::chrono::steady_clock::time_point deadline, Task task) {
  {
    const std::lock_guard lock(mutex_);
    const bool full = waiting_.size() >= kMostWaiting || (!waiting_.empty() && bytes_ + bytes > kMostBytes);
    if (!full) {
      bytes_ += bytes;
      waiting_.push_back({bytes, deadline, std::move(task)});
      changed_.notify_one();
      return;
    }
  }
  task(std::unexpected(
      Status{.reason = pb::ERROR_REASON_OVERLOADED, .message = "too many checks are waiting", .retry_after = 100ms}));
}

void CheckQueue::Do(const Entry& entry) {
  if (std::chrono::steady_clock::now() > entry.deadline) {
    entry.task(std::unexpected(Status{.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
                                      .message = "deadline exceeded while the call was queued"}));
  } else {
    entry.task({});
  }
}

void CheckQueue::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Entry entry = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= entry.bytes;
    lock.unlock();
    Guarded("check of a journey", [&entry] { Do(entry); });
    entry.task = nullptr;  // frees what it holds before the next task; this ends a call that was not answered
    lock.lock();
  }
}

}  // namespace journeyfeed::customer_journey
