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

// Thread-safe. Owns its workers and joins them.
class WriteCoalescer {
 public:
  // Executes calls of one entity in which no key and no request id occurs twice; one result per call, in order. Called
  // from the worker with that number (0 .. workers - 1).
  using Execute = std::function<std::vector<Result<WriteOutcome>>(int worker, const dictionary::Entity&,
                                                                  const std::vector<const WriteCall*>&)>;
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
  Lane* NextLane();
  std::vector<Pending> TakeBatch(Lane& lane, std::vector<Pending>& late);
  void ExecuteAndAnswer(int worker, std::vector<Pending>& batch);
  static void Answer(const Pending& pending, Result<WriteOutcome> result);

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
  std::vector<std::jthread> workers_;
};

}  // namespace journeyfeed
