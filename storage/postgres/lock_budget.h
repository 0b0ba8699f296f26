// How many key locks the batches of this process may hold together. Every row of a batch holds one, every request id
// another; the lock table of PostgreSQL is one for all of its sessions, and when it is full statements of anybody fail
// with "out of shared memory". So each server takes its share and no more.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/status.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Most rows of one call, and the locks of the largest: its rows and its request id.
inline constexpr std::int64_t kMostCallLocks = 1001;
// A call in the lane of blocked ones with at most that many locks takes nothing from the others.
inline constexpr std::int64_t kLaneLocks = 64;
// Of the sweeper, which one server at a time runs.
inline constexpr std::int64_t kSweeperLocks = 512;

// What a server may use of a lock table for `table_locks` locks when `servers` write to it: four fifths are for
// batches, the rest is for what every statement locks. Less than kMostCallLocks: too small.
std::int64_t LockShare(std::int64_t table_locks, std::int64_t servers);

// Why such a lock table is refused, with the figure that is needed; nothing when it is large enough.
std::optional<Status> RefuseLockTable(std::int64_t table_locks, std::int64_t servers);

// Locks of a batch.
std::int64_t LocksOf(const std::vector<const WriteCall*>& calls);

// Thread-safe. Serves requests in the order of their arrival, so that small batches do not overtake a large one.
class LockBudget {
 public:
  // Holds its locks while it lives. The budget outlives it.
  class Share {
   public:
    Share(LockBudget& budget, std::int64_t locks) : budget_(&budget), locks_(locks) {}
    Share(Share&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), locks_(other.locks_) {}
    Share& operator=(Share&&) = delete;
    ~Share() {
      if (budget_) budget_->Return(locks_);
    }

   private:
    LockBudget* budget_;
    std::int64_t locks_;
  };

  // The most locks that all shares hold together. Shares that exist already stay valid.
  void SetLimit(std::int64_t locks);

  // Waits for room until `until`; nothing when there was none. A request above the limit gets its share when no other
  // share exists.
  std::optional<Share> Take(std::int64_t locks, Deadline until);

 private:
  void Return(std::int64_t locks);

  Mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t limit_ JF_GUARDED_BY(mutex_) = kMostCallLocks;
  std::int64_t held_ JF_GUARDED_BY(mutex_) = 0;
  std::list<int> queue_ JF_GUARDED_BY(mutex_);  // who waits, by identity
};

}  // namespace journeyfeed::postgres
