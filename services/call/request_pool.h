// Parses and handles large requests on two separate threads, because gRPC's two callback threads serve all callers.
// Bounds the memory of all large requests together.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "storage/base/task_threads.h"

namespace journeyfeed::call {

// Longer requests are handled on the pool. A shorter one takes a few milliseconds at most.
inline constexpr std::size_t kLargeRequest = 64 * 1024;

// The most bytes of memory that a large request takes per byte on the wire while it lives: its bytes, the parsed
// message, and the rows made from it.
inline constexpr std::size_t kMemoryPerByte = 4;

// A part of the pool's memory; its destructor gives it back. May outlive the pool.
class MemoryShare {
 public:
  MemoryShare() = default;
  MemoryShare(std::shared_ptr<std::atomic<std::size_t>> taken, std::size_t bytes)
      : taken_(std::move(taken)), bytes_(bytes) {}
  MemoryShare(MemoryShare&&) = default;
  MemoryShare& operator=(MemoryShare&& other) noexcept {
    std::swap(taken_, other.taken_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryShare() {
    if (taken_) taken_->fetch_sub(bytes_, std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<std::atomic<std::size_t>> taken_;
  std::size_t bytes_ = 0;
};

// Thread-safe.
class RequestPool {
 public:
  using Work = TaskThreads::Task;

  // `memory`: for all requests together, in bytes.
  explicit RequestPool(std::size_t memory, int threads = 2);
  // The destructor waits for work in flight, and drops work that has not begun.

  // Returns the share for a request of `bytes` on the wire; nothing if too much memory is taken.
  std::optional<MemoryShare> Reserve(std::size_t bytes);

  // Runs `work` on a thread of the pool, in order of arrival; logs an exception. Each request holds a share, so the
  // memory limit also bounds the queue.
  void Serve(Work work);

  // The bytes that all shares take now.
  std::size_t taken() const { return taken_->load(std::memory_order_relaxed); }

 private:
  const std::size_t memory_;
  const std::shared_ptr<std::atomic<std::size_t>> taken_ = std::make_shared<std::atomic<std::size_t>>(0);
  TaskThreads threads_;
};

}  // namespace journeyfeed::call
