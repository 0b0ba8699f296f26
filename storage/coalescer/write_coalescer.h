// Combines concurrent writes into batches, one statement each. While a batch is in the database, the next one collects;
// there is no timer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/store.h"

namespace journeyfeed {

struct CoalescerLimits {
  int workers = 2;                          // batches in flight; two give nearly all of the throughput
  std::size_t batch_rows = 512;             // a single call may have more
  std::size_t batch_bytes = 4 << 20;        // a single call may have more
  std::size_t large_call_bytes = 64 << 10;  // larger calls have a separate lane, one batch at a time
  std::size_t queue_calls = 10000;          // per lane; calls beyond it get OVERLOADED
  std::size_t queue_bytes = 64 << 20;       // per lane
};

// What happened to a call of a batch.
enum class CallFate {
  kAnswered,
  kBlocked,  // another database client holds a lock that the call needs; nothing was executed
  kUntried,  // other calls of the batch used up the time; nothing was executed
};

// Thread-safe. Owns its workers and joins them. A blocked call moves to a separate lane, where one worker executes it
// alone. Later calls for the same keys go to that lane directly, so that other calls wait for the foreign lock at most
// once.
class WriteCoalescer {
 public:
  // Executes calls of one entity; no key and no request id occurs twice among them. Returns one result per call, in
  // order. `worker` is the number of the calling worker: 0 .. workers - 1, or `workers` for the blocked lane, which
  // passes one call at a time. All fates are kAnswered before; it changes those of calls that were not executed. The
  // result of a blocked call says why it is blocked. If it throws, its calls are answered with WRITE_OUTCOME_UNKNOWN.
  using Execute = std::function<std::vector<Result<WriteOutcome>>(
      int worker, const dictionary::Entity&, const std::vector<const WriteRequest*>&, std::vector<CallFate>& fates)>;
  using Callback = Store::Callback<WriteOutcome>;

  WriteCoalescer(CoalescerLimits limits, Execute execute);
  // Waits for the batches in flight. Answers waiting calls with UNAVAILABLE.
  ~WriteCoalescer();

  // Any thread. Calls `done` from a worker, or at once with OVERLOADED when the lane is full. Calls that are in flight
  // at the same time have no promised order.
  void Submit(WriteRequest call, Callback done);

  // The number of waiting calls in all lanes.
  std::size_t Waiting() const;

 private:
  struct Pending {
    WriteRequest call;
    Callback done;
    std::size_t bytes;
  };
  struct Lane {
    std::deque<Pending> queue;
    std::size_t bytes = 0;
    int in_flight = 0;
    int max_in_flight = 0;
  };
  using LaneKey = std::pair<std::int16_t, bool>;  // entity, large

  void RunBatches(std::stop_token stop, int worker);
  // Under mutex_. Wakes the worker that went to rest last: its caches and its database connection are warm. With one
  // call in flight it is always the same worker.
  void WakeOne();
  // What TakeBatch removed from a lane.
  struct Taken {
    std::vector<Pending> batch;
    std::deque<Pending> kept;  // go back into the lane
    std::vector<Pending> late;
    std::vector<Pending> refused;  // blocked calls that the blocked lane has no room for
  };

  Lane* NextLane();
  Lane* AwaitLane(std::unique_lock<std::mutex>& lock, const std::stop_token& stop, int worker);
  // Under mutex_, like all functions below up to TakeBlockedLike.
  void TakeBatch(Lane& lane, Taken& taken);
  bool HasRoom(const Lane& lane, std::size_t bytes) const;
  bool IsBlocked(const WriteRequest& call) const;
  void RememberBlocked(const WriteRequest& call);
  // Returns whether there was room. If so, `pending` is moved.
  bool QueueBlocked(Pending& pending);
  std::vector<Pending> TakeBlockedLike(const WriteRequest& call);

  void RunBlocked(std::stop_token stop);
  void ExecuteAndAnswer(int worker, std::vector<Pending>& batch);
  void QueueAgain(std::vector<Pending>& batch, std::vector<CallFate>& fates);
  void ExecuteBlocked(Pending pending);
  std::vector<Result<WriteOutcome>> ExecuteGuarded(int worker, const std::vector<const WriteRequest*>& calls,
                                                   std::vector<CallFate>& fates) const;
  static void Answer(const Pending& pending, Result<WriteOutcome> result);
  static void Answer(const std::vector<Pending>& pending, const Failure& why);

  const CoalescerLimits limits_;
  const Execute execute_;
  mutable std::mutex mutex_;
  struct Rest {
    std::condition_variable_any wake;
    bool woken = false;
  };
  std::vector<std::unique_ptr<Rest>> rests_;  // by worker; guarded by mutex_
  std::vector<int> resting_;                  // guarded by mutex_; the worker that went to rest last is at the back
  std::map<LaneKey, Lane> lanes_;             // guarded by mutex_
  LaneKey last_served_{};                     // guarded by mutex_; lanes take turns
  Lane blocked_;                              // guarded by mutex_; blocked calls of all entities
  std::condition_variable_any blocked_wake_;
  using BlockedKey = std::pair<std::int16_t, RecordKey>;
  std::map<BlockedKey, std::chrono::steady_clock::time_point> blocked_keys_;  // guarded by mutex_; blocked until when
  std::vector<std::jthread> workers_;
};

}  // namespace journeyfeed
