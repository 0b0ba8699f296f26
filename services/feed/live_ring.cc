#include "services/feed/live_ring.h"

#include <algorithm>
#include <utility>

namespace journeyfeed::feed {

std::shared_ptr<const LivePage> LiveRing::PageAfter(std::int64_t seq) const {
  const auto page = std::ranges::upper_bound(pages_, seq, {}, [](const auto& each) { return each->end().seq; });
  return page == pages_.end() ? nullptr : *page;
}

std::optional<LiveRing::Boundary> LiveRing::Find(const ChangePosition& position) const {
  for (const auto& page : pages_) {
    if (page->end().position == position) return Boundary{.end = page->end(), .within_call = !page->ends_call()};
    if (page->from().position == position) return Boundary{.end = page->from(), .within_call = page->within_call()};
  }
  return std::nullopt;
}

const LivePage& LiveRing::Add(std::shared_ptr<const LivePage> page) {
  bytes_ += page->bytes();
  gauge_.Increment(static_cast<double>(page->bytes()));
  pages_.push_back(std::move(page));
  RemoveOldest();
  return *pages_.back();
}

void LiveRing::SetBound(std::size_t bytes) {
  bound_ = bytes;
  RemoveOldest();
}

void LiveRing::RemoveOldest() {
  while (bytes_ > bound_ && pages_.size() > 1) {
    bytes_ -= pages_.front()->bytes();
    gauge_.Decrement(static_cast<double>(pages_.front()->bytes()));
    base_ = pages_.front()->end().seq;
    pages_.pop_front();
  }
}

void LiveRing::Clear(std::int64_t base) {
  gauge_.Decrement(static_cast<double>(std::exchange(bytes_, 0)));
  pages_.clear();
  base_ = base;
}

}  // namespace journeyfeed::feed
