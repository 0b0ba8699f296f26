// Limits the key locks that the batches of this process hold together. Every row of a batch holds one, every request id
// another. PostgreSQL has one lock table for all connections; when it is full, statements of any client fail with "out
// of shared memory". So each server takes only its share.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/failure.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// The locks of the largest call: one per row, and one for its request id.
inline constexpr std::int64_t kMostCallLocks = 1001;
// A call of the blocked lane with at most this many locks needs no share.
inline constexpr std::int64_t kLaneLocks = 64;
// The locks of the sweeper, which one server at a time runs.
inline constexpr std::int64_t kSweeperLocks = 512;

// Returns what a server may use of a lock table for `table_locks` locks when `servers` write to it: four fifths are for
// batches, the rest is for what every statement locks. Less than kMostCallLocks: the table is too small.
std::int64_t LockShare(std::int64_t table_locks, std::int64_t servers);

// Returns why such a lock table is refused, with the size that is needed; nothing if it is large enough.
std::optional<Failure> RefuseLockTable(std::int64_t table_locks, std::int64_t servers);

// The number of locks that a batch takes.
std::int64_t LocksOf(const std::vector<const WriteRequest*>& calls);

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

  // Sets the most locks that all shares hold together. Existing shares stay valid.
  void SetLimit(std::int64_t locks);

  // Waits for room until `until`; returns nothing if there was none. A request above the limit gets a share when no
  // other share exists.
  std::optional<Share> TakeLocks(std::int64_t locks, Deadline until);

 private:
  void Return(std::int64_t locks);

  Mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t limit_ JF_GUARDED_BY(mutex_) = kMostCallLocks;
  std::int64_t held_ JF_GUARDED_BY(mutex_) = 0;
  std::list<int> queue_ JF_GUARDED_BY(mutex_);  // waiting requests, by identity
};

}  // namespace journeyfeed::postgres
