// The lane of WriteCoalescer for calls that a lock from outside the service blocks. Its worker executes them one at a
// time.
#include <algorithm>
#include <set>

#include "storage/coalescer/write_coalescer.h"

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// How long calls for a key go to the blocked lane after one of them was blocked, and how many keys are remembered.
constexpr auto kBlockedFor = 10s;
constexpr std::size_t kBlockedKeys = 4096;

Failure LateWhileLocked() {
  return {.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
          .message = "deadline exceeded while waiting for a lock on the record"};
}

}  // namespace

void WriteCoalescer::RunBlocked(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (blocked_wake_.wait(lock, stop, [this] { return !blocked_.queue.empty(); }) && !stop.stop_requested()) {
    Pending pending = std::move(blocked_.queue.front());
    blocked_.queue.pop_front();
    blocked_.bytes -= pending.bytes;
    lock.unlock();
    ExecuteBlocked(std::move(pending));
    lock.lock();
  }
}

void WriteCoalescer::ExecuteBlocked(Pending pending) {
  const WriteRequest& call = pending.call;
  if (call.deadline < std::chrono::steady_clock::now()) {
    return Answer(pending, std::unexpected(LateWhileLocked()));
  }
  std::vector<CallFate> fates;
  const Result<WriteOutcome> result = std::move(ExecuteGuarded(limits_.workers, {&call}, fates).front());
  std::vector<Pending> alike;
  {
    const std::scoped_lock lock(mutex_);
    if (fates[0] != CallFate::kAnswered) {
      // Calls in the lane for the same keys would wait in vain as well: answer them now.
      RememberBlocked(call);
      alike = TakeBlockedLike(call);
    } else if (result) {
      for (const WriteRow& row : call.rows) blocked_keys_.erase({call.entity->id, row.key});
    }
  }
  Answer(pending, result);
  for (const Pending& one : alike) Answer(one, result);
}

bool WriteCoalescer::IsBlocked(const WriteRequest& call) const {
  if (blocked_keys_.empty()) return false;
  const auto now = std::chrono::steady_clock::now();
  return std::ranges::any_of(call.rows, [&](const WriteRow& row) {
    const auto at = blocked_keys_.find({call.entity->id, row.key});
    return at != blocked_keys_.end() && now < at->second;
  });
}

void WriteCoalescer::RememberBlocked(const WriteRequest& call) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(blocked_keys_, [now](const auto& key) { return key.second <= now; });
  for (const WriteRow& row : call.rows) {
    if (blocked_keys_.size() < kBlockedKeys) blocked_keys_[{call.entity->id, row.key}] = now + kBlockedFor;
  }
}

bool WriteCoalescer::QueueBlocked(Pending& pending) {
  if (!HasRoom(blocked_, pending.bytes)) return false;
  blocked_.bytes += pending.bytes;
  blocked_.queue.push_back(std::move(pending));
  blocked_wake_.notify_one();
  return true;
}

std::vector<WriteCoalescer::Pending> WriteCoalescer::TakeBlockedLike(const WriteRequest& call) {
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
