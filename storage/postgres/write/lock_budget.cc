#include "storage/postgres/write/lock_budget.h"

#include <algorithm>
#include <string>

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;

// The smallest table in which each of `servers` has room for the largest call.
std::int64_t NeededLocks(std::int64_t servers) {
  const std::int64_t batches = servers * (kMostCallLocks + kLaneLocks) + kSweeperLocks;
  return (batches * 5 + 3) / 4;
}

}  // namespace

std::int64_t LockShare(std::int64_t table_locks, std::int64_t servers) {
  return (table_locks * 4 / 5 - kSweeperLocks) / servers - kLaneLocks;
}

std::optional<Failure> RefuseLockTable(std::int64_t table_locks, std::int64_t servers) {
  if (table_locks >= NeededLocks(servers)) return std::nullopt;
  return Failure{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                 .message = "the database's lock table holds " + std::to_string(table_locks) + " locks and " +
                            std::to_string(servers) + " servers need " + std::to_string(NeededLocks(servers)) +
                            ": raise max_locks_per_transaction, or lower expected-replicas if fewer servers use it"};
}

std::int64_t LocksOf(const std::vector<const WriteRequest*>& calls) {
  std::int64_t locks = 0;
  for (const WriteRequest* call : calls) locks += std::ssize(call->rows) + (call->request_id ? 1 : 0);
  return locks;
}

void LockBudget::SetLimit(std::int64_t locks) {
  {
    const MutexLock lock(mutex_);
    limit_ = locks;
  }
  changed_.notify_all();
}

std::optional<LockBudget::Share> LockBudget::TakeLocks(std::int64_t locks, Deadline until) {
  MutexLock lock(mutex_);
  const auto self = queue_.emplace(queue_.end());
  const bool room = changed_.wait_until(lock, until, [&]() JF_REQUIRES(mutex_) {
    return self == queue_.begin() && (held_ == 0 || held_ + locks <= limit_);
  });
  queue_.erase(self);
  if (room) held_ += locks;
  lock.unlock();
  changed_.notify_all();  // the next one in the queue
  if (!room) return std::nullopt;
  return Share(*this, locks);
}

void LockBudget::Return(std::int64_t locks) {
  {
    const MutexLock lock(mutex_);
    held_ -= locks;
  }
  changed_.notify_all();
}

}  // namespace journeyfeed::postgres
