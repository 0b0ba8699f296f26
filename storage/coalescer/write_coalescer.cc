#include "storage/coalescer/write_coalescer.h"

#include <algorithm>
#include <set>

#include "storage/base/guarded.h"

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// How many calls of a queue TakeBatch examines.
constexpr std::size_t kSearchCalls = 2048;

std::size_t BytesOf(const WriteRequest& call) {
  std::size_t bytes = 0;
  for (const WriteRow& row : call.rows) {
    bytes += 128;
    for (const Value& value : row.values) {
      if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    }
  }
  return bytes;
}

// The keys and request ids of the calls examined so far.
class Claims {
 public:
  // True if `call` shares no key and no request id with an earlier call. Claims those of `call` in both cases.
  bool Claim(const WriteRequest& call) {
    bool free = !call.request_id || requests_.insert(*call.request_id).second;
    for (const WriteRow& row : call.rows) free = keys_.insert(row.key).second && free;
    return free;
  }

 private:
  std::set<RecordKey> keys_;
  std::set<Uuid> requests_;
};

Failure ShuttingDown() { return Unavailable("the server is shutting down"); }

Failure Overloaded() {
  return {.reason = pb::ERROR_REASON_OVERLOADED, .message = "too many writes are waiting", .retry_after = 100ms};
}

Failure LateInQueue() {
  return {.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED, .message = "deadline exceeded while the write was queued"};
}

// For a call that may have been sent to the database.
Failure OutcomeLost() {
  return {.reason = pb::ERROR_REASON_WRITE_OUTCOME_UNKNOWN,
          .message =
              "the write failed unexpectedly and may have been committed; read the record, or send the call "
              "again with the same request id"};
}

}  // namespace

WriteCoalescer::WriteCoalescer(CoalescerLimits limits, Execute execute)
    : limits_(limits), execute_(std::move(execute)) {
  for (int i = 0; i < limits_.workers; ++i) rests_.push_back(std::make_unique<Rest>());
  for (int i = 0; i < limits_.workers; ++i) {
    workers_.emplace_back([this, i](std::stop_token stop) { RunBatches(stop, i); });
  }
  workers_.emplace_back([this](std::stop_token stop) { RunBlocked(stop); });
}

WriteCoalescer::~WriteCoalescer() {
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
  for (auto& [key, lane] : lanes_) {
    for (Pending& pending : lane.queue) Answer(pending, std::unexpected(ShuttingDown()));
  }
  for (Pending& pending : blocked_.queue) Answer(pending, std::unexpected(ShuttingDown()));
}

void WriteCoalescer::Submit(WriteRequest call, Callback done) {
  const std::size_t bytes = BytesOf(call);
  const bool large = bytes > limits_.large_call_bytes;
  {
    const std::scoped_lock lock(mutex_);
    const bool blocked = IsBlocked(call);
    Lane& lane = blocked ? blocked_ : lanes_[{call.entity->id, large}];
    lane.max_in_flight = large || blocked ? 1 : limits_.workers;
    if (HasRoom(lane, bytes)) {
      lane.bytes += bytes;
      lane.queue.push_back({std::move(call), std::move(done), bytes});
      if (blocked) {
        blocked_wake_.notify_one();
      } else {
        WakeOne();
      }
      return;
    }
  }
  done(std::unexpected(Overloaded()));
}

std::size_t WriteCoalescer::Waiting() const {
  const std::scoped_lock lock(mutex_);
  std::size_t calls = blocked_.queue.size();
  for (const auto& [key, lane] : lanes_) calls += lane.queue.size();
  return calls;
}

WriteCoalescer::Lane* WriteCoalescer::NextLane() {
  auto at = lanes_.upper_bound(last_served_);
  for (std::size_t i = 0; i < lanes_.size(); ++i, ++at) {
    if (at == lanes_.end()) at = lanes_.begin();
    if (at->second.queue.empty() || at->second.in_flight >= at->second.max_in_flight) continue;
    last_served_ = at->first;
    return &at->second;
  }
  return nullptr;
}

// An empty lane accepts a call of any size.
bool WriteCoalescer::HasRoom(const Lane& lane, std::size_t bytes) const {
  return lane.queue.empty() || (lane.queue.size() < limits_.queue_calls && lane.bytes + bytes <= limits_.queue_bytes);
}

// A call that shares a key or a request id with an earlier call waits for a later batch. So do later calls that share
// one with a waiting call: calls for one key keep their order.
void WriteCoalescer::TakeBatch(Lane& lane, Taken& taken) {
  const auto now = std::chrono::steady_clock::now();
  Claims claims;
  std::size_t rows = 0, bytes = 0, searched = 0;
  while (!lane.queue.empty() && searched++ < kSearchCalls) {
    Pending& pending = lane.queue.front();
    const std::size_t size = pending.bytes;
    bool stays = false;
    if (pending.call.deadline < now) {
      taken.late.push_back(std::move(pending));
    } else if (IsBlocked(pending.call)) {
      if (!QueueBlocked(pending)) taken.refused.push_back(std::move(pending));
    } else if (!taken.batch.empty() &&
               (rows + pending.call.rows.size() > limits_.batch_rows || bytes + size > limits_.batch_bytes)) {
      break;
    } else if (claims.Claim(pending.call)) {
      rows += pending.call.rows.size();
      bytes += size;
      taken.batch.push_back(std::move(pending));
    } else {
      stays = true;
      taken.kept.push_back(std::move(pending));
    }
    if (!stays) lane.bytes -= size;
    lane.queue.pop_front();
  }
}

void WriteCoalescer::WakeOne() {
  if (resting_.empty()) return;  // a busy worker looks for work before it rests
  Rest& rest = *rests_[static_cast<std::size_t>(resting_.back())];
  resting_.pop_back();
  rest.woken = true;
  rest.wake.notify_one();
}

// Returns the next lane with work, or null when the worker must end. Called under `lock`.
WriteCoalescer::Lane* WriteCoalescer::AwaitLane(std::unique_lock<std::mutex>& lock, const std::stop_token& stop,
                                                int worker) {
  while (!stop.stop_requested()) {
    if (Lane* const lane = NextLane()) return lane;
    Rest& rest = *rests_[static_cast<std::size_t>(worker)];
    resting_.push_back(worker);
    rest.wake.wait(lock, stop, [&rest] { return rest.woken; });
    if (!rest.woken) std::erase(resting_, worker);  // stopped while resting
    rest.woken = false;
  }
  return nullptr;
}

void WriteCoalescer::RunBatches(std::stop_token stop, int worker) {
  std::unique_lock lock(mutex_);
  while (Lane* const lane = AwaitLane(lock, stop, worker)) {
    Taken taken;
    Guarded("taking a batch", [&] { TakeBatch(*lane, taken); });
    lane->queue.insert(lane->queue.begin(), std::make_move_iterator(taken.kept.begin()),
                       std::make_move_iterator(taken.kept.end()));
    ++lane->in_flight;
    // More calls may wait than fit into one batch: another worker can prepare the next one meanwhile.
    if (!lane->queue.empty()) WakeOne();
    lock.unlock();
    Answer(taken.late, LateInQueue());
    Answer(taken.refused, Overloaded());
    if (!taken.batch.empty()) ExecuteAndAnswer(worker, taken.batch);
    lock.lock();
    --lane->in_flight;
    if (!lane->queue.empty()) WakeOne();
  }
}

void WriteCoalescer::ExecuteAndAnswer(int worker, std::vector<Pending>& batch) {
  std::vector<const WriteRequest*> calls;
  for (const Pending& pending : batch) calls.push_back(&pending.call);
  std::vector<CallFate> fates;
  auto results = ExecuteGuarded(worker, calls, fates);
  const bool all = std::ranges::all_of(fates, [](CallFate fate) { return fate == CallFate::kAnswered; });
  if (!all) QueueAgain(batch, fates);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (fates[i] == CallFate::kAnswered) Answer(batch[i], std::move(results[i]));
  }
}

// Puts the calls that were not executed back into a queue. A blocked call without room is answered: its result says why
// it is blocked.
void WriteCoalescer::QueueAgain(std::vector<Pending>& batch, std::vector<CallFate>& fates) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = batch.size(); i-- > 0;) {
    if (fates[i] == CallFate::kBlocked) {
      RememberBlocked(batch[i].call);
      if (!QueueBlocked(batch[i])) fates[i] = CallFate::kAnswered;
    } else if (fates[i] == CallFate::kUntried) {
      // Exceeds the lane's limit by at most the batches in flight.
      Lane& lane = lanes_[{batch[i].call.entity->id, batch[i].bytes > limits_.large_call_bytes}];
      lane.bytes += batch[i].bytes;
      lane.queue.push_front(std::move(batch[i]));
    }
  }
}

// Returns one result and one fate per call, also when `execute_` throws or returns too few results.
std::vector<Result<WriteOutcome>> WriteCoalescer::ExecuteGuarded(int worker,
                                                                 const std::vector<const WriteRequest*>& calls,
                                                                 std::vector<CallFate>& fates) const {
  std::vector<Result<WriteOutcome>> results;
  fates.assign(calls.size(), CallFate::kAnswered);
  if (!Guarded("executing a batch", [&] { results = execute_(worker, *calls.front()->entity, calls, fates); })) {
    results.clear();
    fates.assign(calls.size(), CallFate::kAnswered);
  }
  results.resize(calls.size(), std::unexpected(OutcomeLost()));
  return results;
}

void WriteCoalescer::Answer(const Pending& pending, Result<WriteOutcome> result) {
  Guarded("answering a write", [&] { pending.done(std::move(result)); });
}

void WriteCoalescer::Answer(const std::vector<Pending>& pending, const Failure& why) {
  for (const Pending& one : pending) Answer(one, std::unexpected(why));
}

}  // namespace journeyfeed
