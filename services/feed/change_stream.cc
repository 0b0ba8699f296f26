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

constexpr auto kPageDeadline = 30s;

bool Passes(ErrorReason reason) {
  return reason == pb::ERROR_REASON_FEED_REPLICA_BEHIND || reason == pb::ERROR_REASON_OVERLOADED ||
         reason == pb::ERROR_REASON_SERVICE_UNAVAILABLE;
}

}  // namespace

ChangeStream::ChangeStream(call::StreamArguments arguments, Store& store, const TokenCodec& tokens,
                           call::StreamLifetime& lifetime, Feed& feed, ChangeRequest request)
    : StreamCall(std::move(arguments)),
      store_(store),
      tokens_(tokens),
      lifetime_(lifetime),
      feed_(feed),
      request_(std::move(request)),
      ends_at_(Clock::now() + lifetime.PickLifetime()),
      sent_at_(Clock::now()),
      progress_(request_) {
  if (request_.after) token_ = TokenAt(*request_.after);
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
    if (!ok) ended_ = true;
  }
  Drive();
}

void ChangeStream::OnCancelled() {
  MarkEnded();
  feed_.Remove(this);
}

void ChangeStream::OnPage(Result<ChangePage> page) {
  {
    const std::scoped_lock lock(mutex_);
    page_state_ = PageState::kArrived;
    page_ = std::move(page);
  }
  Drive();
}

void ChangeStream::Wake() { Drive(); }

void ChangeStream::Tick(Clock::time_point now) {
  {
    const std::scoped_lock lock(mutex_);
    const bool idle = page_state_ != PageState::kRequested && !writing_;
    const bool due = now >= ends_at_ || (resume_at_ && now >= *resume_at_) || (idle && ProgressIsDue(now));
    if (ended_ || !due) return;
  }
  Drive();
}

void ChangeStream::Drive() {
  std::unique_lock lock(mutex_);
  if (driving_ != Driving::kNo) {
    driving_ = Driving::kAgain;
    return;
  }
  do {
    driving_ = Driving::kYes;
    for (Step step = NextStep(); step != Step::kNone; step = NextStep()) {
      lock.unlock();
      // This may be a thread of the store, the feed or another call: a failure must end only this stream.
      EndingOnException([this, step] { TakeStep(step); });
      lock.lock();
      ended_ = ended_ || ended();
    }
  } while (driving_ == Driving::kAgain);
  driving_ = Driving::kNo;
}

void ChangeStream::TakeStep(Step step) {
  if (step == Step::kRead) ReadPage();
  if (step == Step::kSend) SendPage();
  if (step == Step::kFail) Fail(page_.error());
  if (step == Step::kEnd) EndEarly(lifetime_.draining() ? EndReason::kDrain : EndReason::kLifetime);
}

ChangeStream::Step ChangeStream::NextStep() {
  if (ended_) return Step::kNone;
  if (lifetime_.draining() || Clock::now() >= ends_at_) return Step::kEnd;
  if (page_state_ == PageState::kArrived && !page_) {
    if (!RetriesAfter(page_.error())) return Step::kFail;
    page_state_ = PageState::kNone;
  }
  if (page_state_ == PageState::kArrived) return writing_ ? Step::kNone : Step::kSend;
  if (page_state_ == PageState::kRequested || !WantsPage()) return Step::kNone;
  page_state_ = PageState::kRequested;
  return Step::kRead;
}

bool ChangeStream::WantsPage() const {
  const auto now = Clock::now();
  if (resume_at_ && now < *resume_at_) return false;
  if (!progress_.live()) return true;
  // Everything known was read. Only a stream that follows gets here.
  return feed_.Head(*request_.entity) > progress_.seen_head() || (!writing_ && ProgressIsDue(now));
}

bool ChangeStream::RetriesAfter(const Failure& failure) {
  if (failure.reason == pb::ERROR_REASON_EXPIRED_VERSION_STAMP && request_.resync_when_expired) {
    progress_.Resync();
    return true;
  }
  const auto now = Clock::now();
  if (!failing_since_) failing_since_ = now;
  resume_at_ = now + kRetryPause;
  return Passes(failure.reason) && now - *failing_since_ < (progress_.started() ? kPatience : kFirstPatience);
}

void ChangeStream::ReadPage() {
  ChangePageRequest call = progress_.NextRead();
  call.deadline = std::min(Clock::now() + kPageDeadline, context().deadline);
  call.gone = gone();
  // The callback keeps the stream alive: gRPC may be done with it before the page arrives.
  auto self = std::static_pointer_cast<ChangeStream>(shared_from_this());
  store_.ReadChanges(std::move(call), [self](Result<ChangePage> page) { self->OnPage(std::move(page)); });
}

void ChangeStream::SendPage() {
  // A page that has arrived does not change until it is taken here.
  if (progress_.OwesMark(*page_)) return Deliver(progress_.TakeMark(*page_), false);
  const ChangePage page = TakePage();
  if (progress_.live() && !page.changes.empty() && page.last_logged_at) {
    feed_.metrics().ObserveLag(*request_.entity,
                               std::chrono::microseconds(page.as_of.micros - page.last_logged_at->micros));
  }
  const StreamProgress::Outcome outcome = progress_.Advance(page);
  if (outcome.must_send || ProgressIsDue(Clock::now())) Deliver(page, outcome.last);
}

ChangePage ChangeStream::TakePage() {
  const std::scoped_lock lock(mutex_);
  page_state_ = PageState::kNone;
  failing_since_.reset();
  resume_at_.reset();
  // Two pages ended below the announced head (rollback?): pause before polling.
  const bool stuck =
      progress_.started() && page_->head == progress_.seen_head() && feed_.Head(*request_.entity) > page_->head;
  if (stuck) resume_at_ = Clock::now() + kRetryPause;
  return *std::move(page_);
}

void ChangeStream::Deliver(const ChangePage& page, bool last) {
  StreamMessageFacts facts = progress_.TakeFacts(page, last);
  facts.data_token = token_ = TokenAt(page.next.position);
  auto message = MakeChangeMessage(*request_.entity, page.changes, facts);
  {
    const std::scoped_lock lock(mutex_);
    sent_at_ = Clock::now();
    writing_ = true;
    ended_ = ended_ || last;
  }
  // Written without a buffer hint: if gRPC is told that more follows, it keeps a small message until the connection
  // writes something else.
  if (last) {
    FinishOnce({}, std::move(message));
  } else if (!Write(std::move(message))) {
    MarkEnded();
  }
}

void ChangeStream::Fail(Failure failure) {
  MarkEnded();
  if (failure.reason == pb::ERROR_REASON_FEED_REPLICA_BEHIND && !failure.retry_after) failure.retry_after = 500ms;
  FinishOnce(WithOldestToken(std::move(failure), tokens_, *request_.entity, request_.view));
}

void ChangeStream::EndEarly(EndReason reason) {
  MarkEnded();
  const auto after = lifetime_.PickReconnectAfter();
  // Pages without changes may have moved the position since the last message.
  if (progress_.position()) token_ = TokenAt(*progress_.position());
  if (token_.empty()) {
    // Nothing was read: there is no token to continue from.
    return FinishOnce(Unavailable("the server is shutting down", after));
  }
  FinishOnce({}, MakeEndMessage(reason, after, token_));
}

void ChangeStream::MarkEnded() {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
}

std::string ChangeStream::TokenAt(const ChangePosition& position) const {
  return tokens_.EncodeData(*request_.entity, request_.view, position);
}

}  // namespace journeyfeed::feed
