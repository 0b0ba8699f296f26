#include "storage/coalescer/write_coalescer.h"

#include <algorithm>
#include <set>

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// How far behind its head a queue is searched for calls that fit a batch.
constexpr std::size_t kSearchCalls = 2048;

// How long calls for a key go to the lane of the blocked ones after one of them was, and how many keys are remembered.
constexpr auto kBlockedFor = 10s;
constexpr std::size_t kBlockedKeys = 4096;

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
  workers_.emplace_back([this](std::stop_token stop) { RunBlocked(stop); });
}

WriteCoalescer::~WriteCoalescer() {
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
  for (auto& [key, lane] : lanes_) {
    for (Pending& pending : lane.queue) pending.done(std::unexpected(Unavailable("the server is shutting down")));
  }
  for (Pending& pending : blocked_.queue) pending.done(std::unexpected(Unavailable("the server is shutting down")));
}

void WriteCoalescer::Submit(WriteCall call, Callback done) {
  const std::size_t bytes = BytesOf(call);
  const bool large = bytes > limits_.large_call_bytes;
  {
    const std::scoped_lock lock(mutex_);
    const bool blocked = IsBlocked(call);
    Lane& lane = blocked ? blocked_ : lanes_[{call.entity->id, large}];
    lane.max_in_flight = large || blocked ? 1 : limits_.workers;
    if (lane.queue.empty() || (lane.queue.size() < limits_.queue_calls && lane.bytes + bytes <= limits_.queue_bytes)) {
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
  done(std::unexpected(
      Status{.reason = pb::ERROR_REASON_OVERLOADED, .message = "too many writes are waiting", .retry_after = 100ms}));
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
    if (IsBlocked(pending.call)) {
      lane.bytes -= pending.bytes;
      QueueBlocked(std::move(pending));
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
      pending.done(std::unexpected(Status{.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
                                          .message = "the deadline passed before the write was its turn"}));
    }
    if (!batch.empty()) ExecuteAndAnswer(worker, batch);
    lock.lock();
    --lane->in_flight;
    if (!lane->queue.empty()) WakeOne();
  }
}

void WriteCoalescer::ExecuteAndAnswer(int worker, std::vector<Pending>& batch) {
  std::vector<const WriteCall*> calls;
  for (const Pending& pending : batch) calls.push_back(&pending.call);
  std::vector<CallFate> fates(batch.size(), CallFate::kAnswered);
  auto results = execute_(worker, *batch.front().call.entity, calls, fates);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (fates[i] == CallFate::kAnswered) batch[i].done(std::move(results[i]));
  }
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = batch.size(); i-- > 0;) {
    if (fates[i] == CallFate::kBlocked) {
      RememberBlocked(batch[i].call);
      QueueBlocked(std::move(batch[i]));
    } else if (fates[i] == CallFate::kUntried) {
      Lane& lane = lanes_[{batch[i].call.entity->id, batch[i].bytes > limits_.large_call_bytes}];
      lane.bytes += batch[i].bytes;
      lane.queue.push_front(std::move(batch[i]));
    }
  }
}

void WriteCoalescer::RunBlocked(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (blocked_wake_.wait(lock, stop, [this] { return !blocked_.queue.empty(); }) && !stop.stop_requested()) {
    std::vector<Pending> one;
    one.push_back(std::move(blocked_.queue.front()));
    blocked_.queue.pop_front();
    blocked_.bytes -= one[0].bytes;
    const WriteCall& call = one[0].call;
    std::vector<CallFate> fates(1, CallFate::kAnswered);
    Result<WriteOutcome> result =
        std::unexpected(Status{.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
                               .message = "the deadline passed while the record was locked by somebody else"});
    lock.unlock();
    const bool late = call.deadline < std::chrono::steady_clock::now();
    if (!late) result = std::move(execute_(limits_.workers, *call.entity, {&call}, fates).front());
    lock.lock();
    if (fates[0] != CallFate::kAnswered) {
      // Those that wait behind it for the same would wait in vain as well.
      RememberBlocked(call);
      for (Pending& pending : TakeBlockedLike(call)) one.push_back(std::move(pending));
    } else if (result) {
      for (const WriteRow& row : call.rows) blocked_keys_.erase({call.entity->id, row.key});
    }
    lock.unlock();
    for (Pending& pending : one) pending.done(result);
    lock.lock();
  }
}

bool WriteCoalescer::IsBlocked(const WriteCall& call) const {
  if (blocked_keys_.empty()) return false;
  const auto now = std::chrono::steady_clock::now();
  return std::ranges::any_of(call.rows, [&](const WriteRow& row) {
    const auto at = blocked_keys_.find({call.entity->id, row.key});
    return at != blocked_keys_.end() && now < at->second;
  });
}

void WriteCoalescer::RememberBlocked(const WriteCall& call) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(blocked_keys_, [now](const auto& key) { return key.second <= now; });
  for (const WriteRow& row : call.rows) {
    if (blocked_keys_.size() < kBlockedKeys) blocked_keys_[{call.entity->id, row.key}] = now + kBlockedFor;
  }
}

// Beyond the bound of Submit by what the batches under way hold, at most.
void WriteCoalescer::QueueBlocked(Pending pending) {
  blocked_.bytes += pending.bytes;
  blocked_.queue.push_back(std::move(pending));
  blocked_wake_.notify_one();
}

std::vector<WriteCoalescer::Pending> WriteCoalescer::TakeBlockedLike(const WriteCall& call) {
  std::set<RecordKey> keys;
  for (const WriteRow& row : call.rows) keys.insert(row.key);
  const auto meets = [&](const Pending& pending) {
    return pending.call.entity == call.entity &&
           std::ranges::any_of(pending.call.rows, [&](const WriteRow& row) { return keys.contains(row.key); });
  };
  std::vector<Pending> taken;
  std::deque<Pending> kept;
  for (Pending& pending : blocked_.queue) {
    if (meets(pending)) {
      blocked_.bytes -= pending.bytes;
      taken.push_back(std::move(pending));
    } else {
      kept.push_back(std::move(pending));
    }
  }
  blocked_.queue = std::move(kept);
  return taken;
}

}  // namespace journeyfeed
