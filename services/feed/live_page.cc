#include "services/feed/live_page.h"

#include <utility>

namespace journeyfeed::feed {
LiveSlice::LiveSlice(const dictionary::Entity& entity, ChangePage page)
    : page_(std::move(page)), changes_(SerializeChanges(entity, page_.changes)) {
  for (Change& change : page_.changes) std::string().swap(change.record);
}

std::shared_ptr<const grpc::ByteBuffer> LiveSlice::SharedMessage(
    std::uint64_t view, const std::function<StreamMessageFacts()>& facts) const {
  const MutexLock lock(mutex_);
  auto& message = messages_[view];
  if (!message) message = OwnMessage(facts());
  return message;
}

std::shared_ptr<const grpc::ByteBuffer> LiveSlice::OwnMessage(const StreamMessageFacts& facts) const {
  return JoinMessage(changes_, facts);
}

LivePage::LivePage(const Store& store, const dictionary::Entity& entity, PageEnd from, ChangePage page)
    : store_(store), entity_(entity), from_(std::move(from)), page_(std::move(page)) {
  for (const Change& change : page_.changes) {
    bytes_ += MemoryOf(change) + change.record.size();  // as it came, and serialised
    if (entity.elastic) partitions_.insert(EffectivePartitionId(change.key));
  }
}

std::shared_ptr<const LiveSlice> LivePage::SliceFor(const std::optional<std::string>& partition,
                                                    std::int64_t after) const {
  const MutexLock lock(mutex_);
  auto& slice = slices_[{partition, after}];
  if (!slice) slice = std::make_shared<const LiveSlice>(entity_, Filter(partition, after));
  return slice;
}

// A change that is left out may have ended a call: the change before it says so instead, or the page if there is none.
ChangePage LivePage::Filter(const std::optional<std::string>& partition, std::int64_t after) const {
  const bool whole = after == from_.seq;
  if (whole && !partition) return page_;
  ChangePage part;
  part.next = page_.next;
  part.call_end = page_.call_end;
  part.head = page_.head;
  part.as_of = page_.as_of;
  part.last_logged_at = page_.last_logged_at;
  part.within_call = whole && page_.within_call;
  if (whole) part.ended_before = page_.ended_before;
  for (std::size_t i = 0; i < page_.changes.size(); ++i) {
    const Change& change = page_.changes[i];
    if (change.seq <= after) continue;
    if (!partition || EffectivePartitionId(change.key) == *partition) {
      part.changes.push_back(change);
    } else if (change.call_end && !part.changes.empty()) {
      part.changes.back().call_end = true;
    } else if (change.call_end) {
      const bool is_last = i + 1 == page_.changes.size();
      part.ended_before = is_last ? page_.next : store_.EndBefore(page_.next, page_.changes[i + 1].seq - 1);
    }
  }
  return part;
}

}  // namespace journeyfeed::feed
