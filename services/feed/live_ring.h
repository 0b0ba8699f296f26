// The newest pages of a channel, bounded in bytes.
#pragma once

#include <prometheus/gauge.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "services/feed/live_page.h"

namespace journeyfeed::feed {

// Not thread-safe: the channel's mutex guards it.
class LiveRing {
 public:
  // `bytes`: the metric; outlives it.
  LiveRing(std::size_t bound, prometheus::Gauge& bytes) : bound_(bound), gauge_(bytes) {}
  ~LiveRing() { Clear(0); }
  LiveRing(const LiveRing&) = delete;
  LiveRing& operator=(const LiveRing&) = delete;

  // Every change after this log row is in the pages.
  std::int64_t base() const { return base_; }

  // The first page that ends after the log row; null: none.
  std::shared_ptr<const LivePage> PageAfter(std::int64_t seq) const;
  bool IsNewest(const LivePage& page) const { return !pages_.empty() && pages_.back().get() == &page; }

  // Where a page begins or ends, and whether that is within a call.
  struct Boundary {
    PageEnd end;
    bool within_call = false;
  };
  std::optional<Boundary> Find(const ChangePosition& position) const;

  const LivePage& Add(std::shared_ptr<const LivePage> page);
  // The newest page stays, however large it is.
  void SetBound(std::size_t bytes);
  // Forgets all pages; what follows `base` is added next.
  void Clear(std::int64_t base);

 private:
  void RemoveOldest();

  std::deque<std::shared_ptr<const LivePage>> pages_;
  std::int64_t base_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bound_;
  prometheus::Gauge& gauge_;  // sums the channels
};

}  // namespace journeyfeed::feed
