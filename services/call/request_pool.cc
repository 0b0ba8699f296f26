#include "services/call/request_pool.h"

#include "storage/base/guarded.h"

namespace journeyfeed::call {

RequestPool::RequestPool(std::size_t memory, int threads) : memory_(memory) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Serve(); });
}

RequestPool::~RequestPool() {
  std::deque<Work> dropped;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    dropped.swap(waiting_);
  }
  changed_.notify_all();
  dropped.clear();  // outside the lock: this ends calls
  threads_.clear();
}

std::optional<MemoryShare> RequestPool::Reserve(std::size_t bytes) {
  const std::size_t share = bytes * kMemoryPerByte;
  std::size_t taken = taken_->load(std::memory_order_relaxed);
  do {
    if (share > memory_ || taken > memory_ - share) return std::nullopt;
  } while (!taken_->compare_exchange_weak(taken, taken + share, std::memory_order_relaxed));
  return MemoryShare(taken_, share);
}

void RequestPool::Run(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void RequestPool::Serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Guarded("request pool", [&work] { work(); });
    work = nullptr;  // frees what it holds before the next one runs
    lock.lock();
  }
}

}  // namespace journeyfeed::call
