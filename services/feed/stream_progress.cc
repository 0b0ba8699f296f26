#include "services/feed/stream_progress.h"

#include <algorithm>
#include <utility>

namespace journeyfeed::feed {
namespace {

// A finite call under load ends after this many pages beyond the head at its arrival, consistent or not.
constexpr int kExtraPages = 20;

bool OfLoad(const ChangePage& page) { return page.next.loading || page.load_ended; }

}  // namespace

bool MayPass(ErrorReason reason) {
  return reason == entity::v1::ERROR_REASON_FEED_REPLICA_BEHIND || reason == entity::v1::ERROR_REASON_OVERLOADED ||
         reason == entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE;
}

ChangePageRequest StreamProgress::NextRead() const {
  ChangePageRequest call{.entity = request_.entity,
                         .after = position_,
                         .start_at_head = request_.skip_initial_load && !resync_,
                         .start_at = resync_ ? std::nullopt : request_.changed_since,
                         .not_before = started() ? std::nullopt : request_.not_before,
                         .columns = request_.columns,
                         .partition_id = request_.partition_id,
                         .max_changes = request_.max_changes_per_message,
                         .blocks = blocks_};
  if (request_.max_changes > 0) {
    call.max_changes =
        static_cast<std::int32_t>(std::min<std::int64_t>(call.max_changes, request_.max_changes - changes_sent_));
  }
  return call;
}

void StreamProgress::MoveTo(const PageEnd& end) {
  position_ = end.position;
  phase_ = Phase::kCatchingUp;
}

void StreamProgress::Resync() {
  position_.reset();
  resync_ = true;
  if (started()) phase_ = Phase::kLoading;
}

// The page holds only rows that are not shown, and the last one ends a call: the page's own message carries the mark.
bool StreamProgress::EndsWithMark(const ChangePage& page) {
  return page.changes.empty() && page.ended_before && page.ended_before->seq == page.next.seq;
}

bool StreamProgress::EndsOpenCall(const ChangePage& page) const {
  return page.ended_before && call_open_.value_or(page.within_call);
}

ChangePage StreamProgress::TakeMark(const ChangePage& page) {
  ChangePage mark;
  mark.next = *page.ended_before;
  mark.call_end = true;
  mark.head = page.head;
  mark.as_of = page.as_of;
  const bool more = !page.changes.empty() || page.head > page.next.seq;
  phase_ = more ? Phase::kCatchingUp : Phase::kLive;
  position_ = mark.next.position;
  call_open_ = false;
  return mark;
}

StreamProgress::Outcome StreamProgress::Advance(const ChangePage& page) {
  const bool mark = EndsOpenCall(page);
  const bool more = page.next.loading || page.head > page.next.seq;
  phase_ = page.next.loading ? Phase::kLoading : more ? Phase::kCatchingUp : Phase::kLive;
  position_ = page.next.position;
  seen_head_ = page.head;
  if (!arrival_head_) arrival_head_ = OfLoad(page) ? page.next.seq : page.head;
  Count(page);
  call_open_ = !OfLoad(page) && !page.ended_before && call_open_.value_or(page.within_call);
  if (!OfLoad(page) && !page.changes.empty()) call_open_ = !page.changes.back().call_end;
  const bool last = IsLast(page);
  // The first page that shows that nothing follows is worth a message.
  const bool reached = live() && told_more_;
  // A load that began again must be told before any token of it is.
  return {.last = last, .must_send = resync_ || mark || last || !page.changes.empty() || page.load_ended || reached};
}

void StreamProgress::Count(const ChangePage& page) {
  const auto changes = static_cast<std::int64_t>(page.changes.size());
  if (page.next.loading) {
    rows_done_ = page.next.rows_done;
  } else if (page.load_ended) {
    rows_done_ += changes;
  }
  blocks_ = page.next_blocks;
  rows_estimated_ = std::max({rows_estimated_, page.rows_estimated, rows_done_});
  changes_sent_ += changes;
}

bool StreamProgress::IsLast(const ChangePage& page) {
  if (AtLimit()) return true;
  if (request_.follow || OfLoad(page) || page.next.seq < *arrival_head_) {
    // A finite load during which nothing changed ends with its last page.
    return !request_.follow && page.load_ended && page.next.consistent && page.next.seq >= *arrival_head_;
  }
  return page.next.consistent || ++extra_pages_ > kExtraPages;
}

StreamMessageFacts StreamProgress::TakeFacts(const ChangePage& page, bool last) {
  StreamMessageFacts facts;
  facts.initial_load = OfLoad(page);
  facts.more_records = !live() && (!last || AtLimit());
  facts.consistent = page.next.consistent;
  facts.call_end = page.call_end;
  facts.resync = std::exchange(resync_, false);
  facts.as_of = page.as_of;
  if (!live() && page.last_logged_at) {
    facts.lag = std::chrono::microseconds(std::max<std::int64_t>(0, page.as_of.micros - page.last_logged_at->micros));
  }
  if (OfLoad(page)) {
    facts.rows_done = rows_done_;
    facts.rows_estimated = rows_estimated_;
  }
  told_more_ = facts.more_records;
  return facts;
}

}  // namespace journeyfeed::feed
