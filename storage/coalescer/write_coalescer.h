// Many calls, one statement: while a batch is in the database the next one collects. No timer.
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
  std::size_t large_call_bytes = 64 << 10;  // calls above it queue apart, one batch at a time
  std::size_t queue_calls = 10000;          // per lane; beyond it: OVERLOADED
  std::size_t queue_bytes = 64 << 20;       // per lane
};

// What became of a call of a batch.
enum class CallFate {
  kAnswered,
  kBlocked,  // somebody outside holds what it needs; nothing of it was executed
  kUntried,  // others of its batch took the time; nothing of it was executed
};

// Thread-safe. Owns its workers and joins them. A call that is blocked waits again alone, in a lane with a worker of
// its own, and so do those that come for the same keys: strangers are delayed once.
class WriteCoalescer {
 public:
  // Executes calls of one entity in which no key and no request id occurs twice; one result per call, in order. Called
  // from the worker with that number: 0 .. workers - 1, and `workers` for calls that were blocked before, one at a
  // time. Each call's fate is kAnswered unless it says otherwise; the result of a blocked call says why. When it
  // throws, its calls are answered with WRITE_OUTCOME_UNKNOWN.
  using Execute = std::function<std::vector<Result<WriteOutcome>>(
      int worker, const dictionary::Entity&, const std::vector<const WriteCall*>&, std::vector<CallFate>& fates)>;
  using Callback = Store::Callback<WriteOutcome>;

  WriteCoalescer(CoalescerLimits limits, Execute execute);
  // Batches that are under way finish; calls that wait are answered with UNAVAILABLE.
  ~WriteCoalescer();

  // Between calls that are under way together no order is promised.
  void Submit(WriteCall call, Callback done);

  // Calls that wait, in all lanes.
  std::size_t Waiting() const;

 private:
  struct Pending {
    WriteCall call;
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

  void Run(std::stop_token stop, int worker);
  // Under mutex_: wakes the worker that went to rest last, whose caches and session are warm; with one call in flight
  // it is always the same.
  void WakeOne();
  // What was taken out of a lane.
  struct Taken {
    std::vector<Pending> batch;
    std::deque<Pending> kept;  // goes back
    std::vector<Pending> late;
    std::vector<Pending> refused;  // blocked ones that the lane of their own has no room for
  };

  Lane* NextLane();
  Lane* AwaitLane(std::unique_lock<std::mutex>& lock, const std::stop_token& stop, int worker);
  // Under mutex_, like all that follow down to TakeBlockedLike.
  void TakeBatch(Lane& lane, Taken& taken);
  bool HasRoom(const Lane& lane, std::size_t bytes) const;
  bool IsBlocked(const WriteCall& call) const;
  void RememberBlocked(const WriteCall& call);
  // Whether there was room: then the call is moved.
  bool QueueBlocked(Pending& pending);
  std::vector<Pending> TakeBlockedLike(const WriteCall& call);

  void RunBlocked(std::stop_token stop);
  void ExecuteAndAnswer(int worker, std::vector<Pending>& batch);
  void QueueAgain(std::vector<Pending>& batch, std::vector<CallFate>& fates);
  void ExecuteBlocked(Pending pending);
  std::vector<Result<WriteOutcome>> ExecuteGuarded(int worker, const std::vector<const WriteCall*>& calls,
                                                   std::vector<CallFate>& fates) const;
  static void Answer(const Pending& pending, Result<WriteOutcome> result);
  static void Answer(const std::vector<Pending>& pending, const Status& why);

  const CoalescerLimits limits_;
  const Execute execute_;
  mutable std::mutex mutex_;
  struct Rest {
    std::condition_variable_any wake;
    bool woken = false;
  };
  std::vector<std::unique_ptr<Rest>> rests_;  // by worker; guarded by mutex_
  std::vector<int> resting_;                  // guarded by mutex_; the last to rest is at the back
  std::map<LaneKey, Lane> lanes_;             // guarded by mutex_
  LaneKey last_served_{};                     // guarded by mutex_; lanes take turns
  Lane blocked_;                              // guarded by mutex_; of all entities
  std::condition_variable_any blocked_wake_;
  using BlockedKey = std::pair<std::int16_t, RecordKey>;
  std::map<BlockedKey, std::chrono::steady_clock::time_point> blocked_keys_;  // guarded by mutex_; until when
  std::vector<std::jthread> workers_;
};

}  // namespace journeyfeed
