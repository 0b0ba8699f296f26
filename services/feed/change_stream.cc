#include "services/feed/change_stream.h"

#include <algorithm>
#include <utility>

#include "services/feed/oldest_token.h"

namespace journeyfeed::feed {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// A passing failure is retried for this long: shortly for a call that never got a page, longer for one that did.
constexpr auto kFirstPatience = 3s;
constexpr auto kPatience = 30s;
constexpr auto kRetryPause = 100ms;

// A finite call under load ends after this many pages beyond the head at its arrival, consistent or not.
constexpr int kExtraPages = 20;

constexpr auto kPageDeadline = 30s;

// The page holds only rows that are not shown, and the last one ends a call: the page's own message carries the mark.
bool EndsWithMark(const ChangePage& page) { return page.changes.empty() && page.ended_before == page.next.seq; }

}  // namespace

ChangeStream::ChangeStream(call::StreamArguments arguments, Store& store, const TokenCodec& tokens,
                           call::StreamLifetime& lifetime, Feed& feed, ChangeRequest request)
    : StreamCall(std::move(arguments)),
      store_(store),
      tokens_(tokens),
      lifetime_(lifetime),
      feed_(feed),
      request_(std::move(request)),
      view_(request_.view),
      ends_at_(Clock::now() + lifetime.PickLifetime()),
      position_(request_.after),
      sent_at_(Clock::now()) {
  if (position_) token_ = tokens_.EncodeData(*request_.entity, view_, *position_);
}

ChangeStream::~ChangeStream() { feed_.Remove(this); }

void ChangeStream::OnStart() {
  feed_.Add(std::static_pointer_cast<ChangeStream>(shared_from_this()));
  Drive();
}

void ChangeStream::OnWritten(bool ok) {
  {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    if (!ok) finished_ = true;
  }
  Drive();
}

void ChangeStream::OnCancelled() {
  {
    const std::scoped_lock lock(mutex_);
    finished_ = true;
  }
  feed_.Remove(this);
}

void ChangeStream::OnPage(Result<ChangePage> page) {
  {
    const std::scoped_lock lock(mutex_);
    reading_ = false;
    page_ = std::move(page);
  }
  Drive();
}

void ChangeStream::Wake() { Drive(); }

void ChangeStream::Tick(Clock::time_point now) {
  {
    const std::scoped_lock lock(mutex_);
    const bool due = now >= ends_at_ || (not_before_ && now >= *not_before_) ||
                     (!reading_ && !writing_ && now - sent_at_ >= request_.progress_interval);
    if (finished_ || !due) return;
  }
  Drive();
}

void ChangeStream::Drive() {
  std::unique_lock lock(mutex_);
  again_ = true;
  if (driving_) return;
  driving_ = true;
  while (again_) {
    again_ = false;
    for (Step step = NextStep(); step != Step::kNone; step = NextStep()) {
      lock.unlock();
      // This may be a thread of the store, the feed or another call: a failure must end only this stream.
      EndingOnException([this, step] { Take(step); });
      lock.lock();
      finished_ = finished_ || ended();
    }
  }
  driving_ = false;
}

void ChangeStream::Take(Step step) {
  if (step == Step::kRead) Read();
  if (step == Step::kSend) Send();
  if (step == Step::kFail) Fail(page_->error());
  if (step == Step::kEnd) EndEarly(lifetime_.draining() ? EndReason::kDrain : EndReason::kLifetime);
}

ChangeStream::Step ChangeStream::NextStep() {
  if (finished_) return Step::kNone;
  if (lifetime_.draining() || Clock::now() >= ends_at_) return Step::kEnd;
  if (page_ && !*page_) {
    if (!Retry(page_->error())) return Step::kFail;
    page_.reset();
  }
  if (page_) return writing_ ? Step::kNone : Step::kSend;
  if (!reading_ && WantsPage()) {
    reading_ = true;
    return Step::kRead;
  }
  return Step::kNone;
}

bool ChangeStream::WantsPage() const {
  const auto now = Clock::now();
  if (not_before_ && now < *not_before_) return false;
  if (behind_) return true;
  // Everything known was read. Only a stream that follows gets here.
  return feed_.Head(*request_.entity) > seen_head_ || (!writing_ && now - sent_at_ >= request_.progress_interval);
}

bool ChangeStream::Retry(const Status& status) {
  if (status.reason == pb::ERROR_REASON_EXPIRED_VERSION_STAMP && request_.resync_when_expired) {
    position_.reset();
    resync_ = true;
    return true;
  }
  const bool passing = status.reason == pb::ERROR_REASON_FEED_REPLICA_BEHIND ||
                       status.reason == pb::ERROR_REASON_OVERLOADED ||
                       status.reason == pb::ERROR_REASON_SERVICE_UNAVAILABLE;
  const auto now = Clock::now();
  if (!failing_since_) failing_since_ = now;
  not_before_ = now + kRetryPause;
  return passing && now - *failing_since_ < (ever_read_ ? kPatience : kFirstPatience);
}

void ChangeStream::Read() {
  ReadChangesCall call{.entity = request_.entity,
                       .after = position_,
                       .start_at_head = request_.skip_initial_load && !resync_,
                       .columns = request_.columns,
                       .partition_id = request_.partition_id,
                       .max_changes = request_.max_changes_per_message,
                       .blocks = blocks_,
                       .deadline = std::min(Clock::now() + kPageDeadline, context().deadline),
                       .gone = gone()};
  if (request_.max_changes > 0) {
    call.max_changes =
        static_cast<std::int32_t>(std::min<std::int64_t>(call.max_changes, request_.max_changes - changes_sent_));
  }
  // The callback keeps the stream alive: gRPC may be done with it before the page arrives.
  auto self = std::static_pointer_cast<ChangeStream>(shared_from_this());
  store_.ReadChanges(std::move(call), [self](Result<ChangePage> page) { self->OnPage(std::move(page)); });
}

void ChangeStream::Send() {
  // A page that has arrived does not change until it is taken here.
  if (OwesMark(**page_) && !EndsWithMark(**page_)) return SendMark();
  ChangePage page;
  {
    const std::scoped_lock lock(mutex_);
    page = *std::move(*page_);
    page_.reset();
    failing_since_.reset();
    not_before_.reset();
    // Two pages ended below the announced head (rollback?): pause before polling.
    const bool stuck = ever_read_ && page.head == seen_head_ && feed_.Head(*request_.entity) > page.head;
    if (stuck) not_before_ = Clock::now() + kRetryPause;
    ever_read_ = true;
  }
  if (!behind_ && !page.changes.empty() && page.last_logged_at) {
    feed_.metrics().ObserveLag(*request_.entity,
                               std::chrono::microseconds(page.as_of.micros - page.last_logged_at->micros));
  }
  const bool mark = OwesMark(page);
  Follow(page);
  const bool last = IsLast(page);
  if (mark || WorthSending(page, last)) Deliver(page, last);
}

// True if a call whose changes were sent ended before the first change of the page: no change carries its end.
bool ChangeStream::OwesMark(const ChangePage& page) const {
  return page.ended_before && call_open_.value_or(page.within_call);
}

// Sends a message without changes, whose token is where the call ended. The page follows it.
void ChangeStream::SendMark() {
  ChangePage mark;
  {
    const std::scoped_lock lock(mutex_);
    ChangePage& page = **page_;
    mark.next = page.next;
    mark.next.seq = *std::exchange(page.ended_before, std::nullopt);
    mark.call_end = true;
    mark.head = page.head;
    mark.as_of = page.as_of;
    behind_ = !page.changes.empty() || page.head > page.next.seq;
  }
  position_ = mark.next;
  call_open_ = false;
  Deliver(mark, false);
}

// Moves the state of the stream to the end of the page.
void ChangeStream::Follow(const ChangePage& page) {
  position_ = page.next;
  seen_head_ = page.head;
  behind_ = page.next.load.has_value() || page.head > page.next.seq;
  if (!arrival_head_) arrival_head_ = page.next.load || page.load_ended ? page.next.seq : page.head;
  if (page.next.load) {
    rows_done_ = page.next.load->rows_done;
  } else if (page.load_ended) {
    rows_done_ += static_cast<std::int64_t>(page.changes.size());
  }
  blocks_ = page.next_blocks;
  rows_estimated_ = std::max({rows_estimated_, page.rows_estimated, rows_done_});
  changes_sent_ += static_cast<std::int64_t>(page.changes.size());
  const bool loading = page.next.load || page.load_ended;
  call_open_ = !loading && !page.ended_before && call_open_.value_or(page.within_call);
  if (!loading && !page.changes.empty()) call_open_ = !page.changes.back().call_end;
}

void ChangeStream::Deliver(const ChangePage& page, bool last) {
  const MessageFacts facts = FactsOf(page, last);
  token_ = facts.data_token;
  auto message = MakeChangeMessage(*request_.entity, page.changes, facts);
  told_more_ = facts.more_records;
  resync_ = false;
  {
    const std::scoped_lock lock(mutex_);
    sent_at_ = Clock::now();
    writing_ = true;
    finished_ = finished_ || last;
  }
  // Written without a buffer hint: if gRPC is told that more follows, it keeps a small message until the connection
  // writes something else.
  if (last) {
    FinishOnce({}, std::move(message));
  } else if (!Write(std::move(message))) {
    const std::scoped_lock lock(mutex_);
    finished_ = true;
  }
}

// Whether the stream ends with this page.
bool ChangeStream::IsLast(const ChangePage& page) {
  if (request_.max_changes > 0 && changes_sent_ >= request_.max_changes) return true;
  if (request_.follow || page.next.load || page.load_ended || page.next.seq < *arrival_head_) {
    // A finite load during which nothing changed ends with its last page.
    return !request_.follow && page.load_ended && page.next.consistent() && page.next.seq >= *arrival_head_;
  }
  return page.next.consistent() || ++extra_pages_ > kExtraPages;
}

// A page without changes only shows progress. It is sent when progress is due, and when it is the first to show that
// nothing follows.
bool ChangeStream::WorthSending(const ChangePage& page, bool last) const {
  if (last || !page.changes.empty() || page.load_ended || (!behind_ && told_more_)) return true;
  return Clock::now() - sent_at_ >= request_.progress_interval;
}

MessageFacts ChangeStream::FactsOf(const ChangePage& page, bool last) const {
  const bool limited = request_.max_changes > 0 && changes_sent_ >= request_.max_changes;
  MessageFacts facts;
  facts.initial_load = page.next.load.has_value() || page.load_ended;
  facts.more_records = behind_ && (!last || limited);
  facts.consistent = page.next.consistent();
  facts.call_end = page.call_end;
  facts.resync = resync_;
  facts.as_of = page.as_of;
  if (behind_ && page.last_logged_at) {
    facts.lag = std::chrono::microseconds(std::max<std::int64_t>(0, page.as_of.micros - page.last_logged_at->micros));
  }
  facts.rows_done = rows_done_;
  facts.rows_estimated = rows_estimated_;
  facts.data_token = tokens_.EncodeData(*request_.entity, view_, page.next);
  return facts;
}

void ChangeStream::Fail(Status status) {
  {
    const std::scoped_lock lock(mutex_);
    finished_ = true;
  }
  if (status.reason == pb::ERROR_REASON_FEED_REPLICA_BEHIND && !status.retry_after) status.retry_after = 500ms;
  FinishOnce(WithOldestToken(std::move(status), tokens_, *request_.entity, view_));
}

void ChangeStream::EndEarly(EndReason reason) {
  {
    const std::scoped_lock lock(mutex_);
    finished_ = true;
  }
  const auto after = lifetime_.PickReconnectAfter();
  // Pages without changes may have moved the position since the last message.
  if (position_) token_ = tokens_.EncodeData(*request_.entity, view_, *position_);
  if (token_.empty()) {
    // Nothing was read: there is no token to continue from.
    return FinishOnce(Unavailable("the server is shutting down", after));
  }
  FinishOnce({}, MakeEndMessage(reason, after, token_));
}

}  // namespace journeyfeed::feed
