#include "storage/coalescer/write_coalescer.h"

#include <algorithm>
#include <set>

#include "storage/guarded.h"

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// How far behind its head a queue is searched for calls that fit a batch.
constexpr std::size_t kSearchCalls = 2048;

std::size_t BytesOf(const WriteCall& call) {
  std::size_t bytes = 0;
  for (const WriteRow& row : call.rows) {
    bytes += 128;
    for (const Value& value : row.values) {
      if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    }
  }
  return bytes;
}

// The keys and request ids of the calls that were looked at.
class Claims {
 public:
  // Whether `call` meets none of the claimed ones; claims its own in any case.
  bool Claim(const WriteCall& call) {
    bool free = !call.request_id || requests_.insert(*call.request_id).second;
    for (const WriteRow& row : call.rows) free = keys_.insert(row.key).second && free;
    return free;
  }

 private:
  std::set<RecordKey> keys_;
  std::set<Uuid> requests_;
};

}  // namespace

WriteCoalescer::WriteCoalescer(CoalescerLimits limits, Execute execute)
    : limits_(limits), execute_(std::move(execute)) {
  for (int i = 0; i < limits_.workers; ++i) rests_.push_back(std::make_unique<Rest>());
  for (int i = 0; i < limits_.workers; ++i) {
    workers_.emplace_back([this, i](std::stop_token stop) { Run(stop, i); });
  }
}

WriteCoalescer::~WriteCoalescer() {
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
  for (auto& [key, lane] : lanes_) {
    for (Pending& pending : lane.queue) Answer(pending, std::unexpected(Unavailable("the server is shutting down")));
  }
}

void WriteCoalescer::Submit(WriteCall call, Callback done) {
  const std::size_t bytes = BytesOf(call);
  const bool large = bytes > limits_.large_call_bytes;
  {
    const std::scoped_lock lock(mutex_);
    Lane& lane = lanes_[{call.entity->id, large}];
    lane.max_in_flight = large ? 1 : limits_.workers;
    if (lane.queue.empty() || (lane.queue.size() < limits_.queue_calls && lane.bytes + bytes <= limits_.queue_bytes)) {
      lane.bytes += bytes;
      lane.queue.push_back({std::move(call), std::move(done), bytes});
      WakeOne();
      return;
    }
  }
  done(std::unexpected(
      Status{.reason = pb::ERROR_REASON_OVERLOADED, .message = "too many writes are waiting", .retry_after = 100ms}));
}

std::size_t WriteCoalescer::Waiting() const {
  const std::scoped_lock lock(mutex_);
  std::size_t calls = 0;
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

// A call that meets a key or a request id of an earlier one waits for a later batch, and so do those that meet its own.
std::vector<WriteCoalescer::Pending> WriteCoalescer::TakeBatch(Lane& lane, std::vector<Pending>& late) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Pending> batch;
  std::deque<Pending> kept;
  Claims claims;
  std::size_t rows = 0, bytes = 0, searched = 0;
  bool full = false;
  while (!lane.queue.empty() && !full && searched++ < kSearchCalls) {
    Pending& pending = lane.queue.front();
    if (pending.call.deadline < now) {
      lane.bytes -= pending.bytes;
      late.push_back(std::move(pending));
      lane.queue.pop_front();
      continue;
    }
    full = !batch.empty() &&
           (rows + pending.call.rows.size() > limits_.batch_rows || bytes + pending.bytes > limits_.batch_bytes);
    if (full) break;
    if (claims.Claim(pending.call)) {
      rows += pending.call.rows.size();
      bytes += pending.bytes;
      lane.bytes -= pending.bytes;
      batch.push_back(std::move(pending));
    } else {
      kept.push_back(std::move(pending));
    }
    lane.queue.pop_front();
  }
  lane.queue.insert(lane.queue.begin(), std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
  return batch;
}

void WriteCoalescer::WakeOne() {
  if (resting_.empty()) return;  // who works looks for more before it rests
  Rest& rest = *rests_[static_cast<std::size_t>(resting_.back())];
  resting_.pop_back();
  rest.woken = true;
  rest.wake.notify_one();
}

void WriteCoalescer::Run(std::stop_token stop, int worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    Lane* lane = NextLane();
    while (lane == nullptr) {
      if (stop.stop_requested()) return;
      Rest& rest = *rests_[static_cast<std::size_t>(worker)];
      resting_.push_back(worker);
      rest.wake.wait(lock, stop, [&rest] { return rest.woken; });
      if (!rest.woken) std::erase(resting_, worker);  // stopped while resting
      rest.woken = false;
      lane = NextLane();
    }
    if (stop.stop_requested()) return;
    std::vector<Pending> late;
    std::vector<Pending> batch = TakeBatch(*lane, late);
    ++lane->in_flight;
    // More may be waiting than fit: another worker can prepare while this one's batch is flushed.
    if (!lane->queue.empty()) WakeOne();
    lock.unlock();
    for (Pending& pending : late) {
      Answer(pending, std::unexpected(Status{.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
                                             .message = "the deadline passed before the write was its turn"}));
    }
    if (!batch.empty()) ExecuteAndAnswer(worker, batch);
    lock.lock();
    --lane->in_flight;
    if (!lane->queue.empty()) WakeOne();
  }
}

void WriteCoalescer::ExecuteAndAnswer(int worker, std::vector<Pending>& batch) {
  std::vector<Result<WriteOutcome>> results;
  Guarded("executing a batch", [&] {
    std::vector<const WriteCall*> calls;
    for (const Pending& pending : batch) calls.push_back(&pending.call);
    results = execute_(worker, *batch.front().call.entity, calls);
  });
  // It may have been sent.
  const Status lost{.reason = pb::ERROR_REASON_WRITE_OUTCOME_UNKNOWN,
                    .message =
                        "the write failed unexpectedly, perhaps after it was done; read the record, or send the "
                        "call again with the same request id"};
  results.resize(batch.size(), std::unexpected(lost));
  for (std::size_t i = 0; i < batch.size(); ++i) Answer(batch[i], std::move(results[i]));
}

void WriteCoalescer::Answer(const Pending& pending, Result<WriteOutcome> result) {
  Guarded("answering a write", [&] { pending.done(std::move(result)); });
}

}  // namespace journeyfeed
