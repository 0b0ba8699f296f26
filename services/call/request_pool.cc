#include "services/call/request_pool.h"

namespace journeyfeed::call {

RequestPool::RequestPool(std::size_t memory, int threads)
    : memory_(memory), threads_("request pool", threads, {}, TaskThreads::AtEnd::kDrop) {}

std::optional<MemoryShare> RequestPool::Reserve(std::size_t bytes) {
  const std::size_t share = bytes * kMemoryPerByte;
  std::size_t taken = taken_->load(std::memory_order_relaxed);
  do {
    if (share > memory_ || taken > memory_ - share) return std::nullopt;
  } while (!taken_->compare_exchange_weak(taken, taken + share, std::memory_order_relaxed));
  return MemoryShare(taken_, share);
}

// Not taken: the pool is being destroyed, and the call ends when `work` is destroyed.
void RequestPool::Serve(Work work) { static_cast<void>(threads_.Accept(0, work)); }

}  // namespace journeyfeed::call
