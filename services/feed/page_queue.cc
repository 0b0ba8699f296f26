#include "services/feed/page_queue.h"

#include <algorithm>
#include <utility>

namespace journeyfeed::feed {

const PageEnd* PageQueue::ReadAheadFrom() const {
  const bool may = entries_.size() == 1 && entries_.front().end;
  return may ? &*entries_.front().end : nullptr;
}

std::uint64_t PageQueue::Request(std::uint64_t epoch) {
  entries_.push_back({.ticket = ++last_ticket_, .epoch = epoch});
  return last_ticket_;
}

PageQueue::Entry* PageQueue::Find(std::uint64_t ticket) {
  const auto found = std::ranges::find(entries_, ticket, &Entry::ticket);
  return found == entries_.end() ? nullptr : &*found;
}

void PageQueue::NoteEnd(std::uint64_t ticket, const PageEnd& end) {
  if (Entry* entry = Find(ticket)) entry->end = end;
}

void PageQueue::Arrive(std::uint64_t ticket, Result<ChangePage> page, Share held) {
  Entry* entry = Find(ticket);
  if (entry == nullptr) return;
  entry->page = std::move(page);
  entry->held = std::move(held);
}

PageQueue::Entry PageQueue::Take() {
  Entry first = std::move(entries_.front());
  entries_.pop_front();
  return first;
}

}  // namespace journeyfeed::feed
