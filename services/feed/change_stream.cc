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

}  // namespace

ChangeStream::ChangeStream(call::StreamArguments arguments, Store& store, const TokenCodec& tokens,
                           call::StreamLifetime& lifetime, Feed& feed, Timer& timer, ChangeRequest request)
    : StreamCall(std::move(arguments)),
      store_(store),
      tokens_(tokens),
      lifetime_(lifetime),
      feed_(feed),
      timer_(timer),
      request_(std::move(request)),
      ends_at_(Clock::now() + lifetime.PickLifetime()),
      sent_at_(Clock::now()),
      progress_(request_) {
  if (request_.after) token_ = TokenAt(*request_.after);
}

ChangeStream::~ChangeStream() {
  if (channel_) channel_->Exit(subscription_);
  if (timer_ticket_) timer_.Cancel(*timer_ticket_);
  feed_.Remove(this);
}

void ChangeStream::OnStart() {
  feed_.Add(std::static_pointer_cast<ChangeStream>(shared_from_this()));
  EnterChannel();
  Drive();
}

// Finite streams and those with small messages read their own pages.
void ChangeStream::EnterChannel() {
  const bool may_join =
      request_.follow && request_.max_changes == 0 && request_.max_changes_per_message >= LiveChannel::kMostChanges;
  if (may_join) channel_ = feed_.ChannelFor(*request_.entity, request_.columns);
  if (!channel_) return;
  subscription_.stream = std::static_pointer_cast<ChangeStream>(shared_from_this());
  subscription_.partition = request_.partition_id;
  channel_->Enter(subscription_);
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
  if (channel_) channel_->Exit(subscription_);
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

void ChangeStream::Wake() {
  {
    const std::scoped_lock lock(mutex_);
    verifying_ = false;
  }
  Drive();
}

void ChangeStream::OnTimer(Clock::time_point due) {
  {
    const std::scoped_lock lock(mutex_);
    if (timer_due_ == due) timer_ticket_.reset();  // else another one was set meanwhile
  }
  Drive();
}

// A timer that is set and comes earlier than needed finds nothing to do and is set again: a message moves the next
// progress, and most streams send more often than they must.
void ChangeStream::SetTimer() {
  const auto now = Clock::now();
  auto due = ends_at_;
  // After a request the page drives the stream; before a write is done, the write does.
  if (page_state_ == PageState::kNone && resume_at_ && now < *resume_at_) {
    due = std::min(due, *resume_at_);
  } else if (page_state_ == PageState::kNone && (progress_.live() || joined_) && !writing_ && !verifying_) {
    due = std::min(due, sent_at_ + request_.progress_interval);
  }
  if (timer_ticket_ && timer_due_ <= due) return;
  CancelTimer();
  timer_due_ = due;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - now);
  std::weak_ptr<ChangeStream> weak = std::static_pointer_cast<ChangeStream>(shared_from_this());
  timer_ticket_ = timer_.RunAfter(wait, [weak, due] {
    if (const auto stream = weak.lock()) stream->OnTimer(due);
  });
}

// The task holds the memory of the stream until it runs.
void ChangeStream::CancelTimer() {
  if (timer_ticket_) timer_.Cancel(*timer_ticket_);
  timer_ticket_.reset();
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
  ended_ ? CancelTimer() : SetTimer();
}

void ChangeStream::TakeStep(Step step) {
  if (step == Step::kRead) ReadPage();
  if (step == Step::kSend) SendPage();
  if (step == Step::kTakeLive) TakeLive();
  if (step == Step::kTellProgress) TellProgress();
  if (step == Step::kFail) Fail(page_.error());
  if (step == Step::kEnd) EndEarly(lifetime_.draining() ? EndReason::kDrain : EndReason::kLifetime);
}

ChangeStream::Step ChangeStream::NextStep() {
  if (ended_) return Step::kNone;
  if (lifetime_.draining() || Clock::now() >= ends_at_) return Step::kEnd;
  if (joined_) return NextLiveStep();
  if (page_state_ == PageState::kArrived && !page_) {
    if (!RetriesAfter(page_.error())) return Step::kFail;
    page_state_ = PageState::kNone;
  }
  if (page_state_ == PageState::kArrived) return writing_ ? Step::kNone : Step::kSend;
  if (page_state_ == PageState::kRequested || !WantsPage()) return Step::kNone;
  page_state_ = PageState::kRequested;
  return Step::kRead;
}

ChangeStream::Step ChangeStream::NextLiveStep() const {
  if (writing_) return Step::kNone;
  if (pending_slice_ || channel_->HasNext(subscription_)) return Step::kTakeLive;
  return ProgressIsDue(Clock::now()) && !verifying_ ? Step::kTellProgress : Step::kNone;
}

bool ChangeStream::WantsPage() const {
  const auto now = Clock::now();
  if (resume_at_ && now < *resume_at_) return false;
  if (!progress_.live()) return true;
  // Everything known was read. Only a stream that follows gets here. A page that is read now lets it join the channel.
  const std::uint64_t epoch = channel_ ? channel_->epoch() : 0;
  if (epoch != 0 && epoch != epoch_at_read_) return true;
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
  return MayPass(failure.reason) && now - *failing_since_ < (progress_.started() ? kPatience : kFirstPatience);
}

void ChangeStream::ReadPage() {
  ChangePageRequest call = progress_.NextRead();
  call.deadline = std::min(Clock::now() + kPageDeadline, context().deadline);
  call.gone = gone();
  if (channel_) epoch_at_read_ = channel_->epoch();
  // The callback keeps the stream alive: gRPC may be done with it before the page arrives.
  auto self = std::static_pointer_cast<ChangeStream>(shared_from_this());
  store_.ReadChanges(std::move(call), [self](Result<ChangePage> page) { self->OnPage(std::move(page)); });
}

void ChangeStream::SendPage() {
  // A page that has arrived does not change until it is taken here.
  if (progress_.OwesMark(*page_)) return Deliver(progress_.TakeMark(*page_), false);
  const ChangePage page = TakePage();
  ObserveLag(page);
  const StreamProgress::Outcome outcome = progress_.Advance(page);
  if (outcome.must_send || ProgressIsDue(Clock::now())) Deliver(page, outcome.last);
  if (channel_ && progress_.live()) JoinChannel(page.next);
}

void ChangeStream::JoinChannel(const PageEnd& end) {
  if (!channel_->Join(subscription_, end, epoch_at_read_)) return;
  feed_.SetPolling(std::static_pointer_cast<ChangeStream>(shared_from_this()), false);
  const std::scoped_lock lock(mutex_);
  joined_ = true;
}

void ChangeStream::LeaveChannel(const PageEnd& end) {
  progress_.MoveTo(end);
  feed_.SetPolling(std::static_pointer_cast<ChangeStream>(shared_from_this()), true);
  const std::scoped_lock lock(mutex_);
  joined_ = false;
}

void ChangeStream::TakeLive() {
  if (!pending_slice_) {
    LiveChannel::Step step = channel_->Next(subscription_);
    if (step.left) return LeaveChannel(*step.left);
    if (!step.slice) return;
    pending_slice_ = std::move(step.slice);
  }
  const ChangePage& page = pending_slice_->page();
  if (progress_.OwesMark(page)) return Deliver(progress_.TakeMark(page), false);
  const auto slice = std::exchange(pending_slice_, nullptr);
  ObserveLag(page);
  if (!progress_.Advance(page).must_send && !ProgressIsDue(Clock::now())) return;
  const bool shared = progress_.SpeaksForAll();
  StreamMessageFacts facts = progress_.TakeFacts(page, false);
  const auto complete = [&] {
    facts.data_token = TokenAt(page.next.position);
    return facts;
  };
  Send(shared ? slice->SharedMessage(request_.view, complete) : slice->OwnMessage(complete()), false);
}

// For a stream at the head of its channel. The channel has verified the head, so this needs no statement.
void ChangeStream::TellProgress() {
  const auto note = [this](bool verifying) {
    const std::scoped_lock lock(mutex_);
    verifying_ = verifying;
  };
  note(true);  // before the question: the channel may wake the stream at once
  const auto page = channel_->Progress(subscription_, Clock::now() - request_.progress_interval / 2);
  if (!page) return;
  note(false);
  progress_.Advance(*page);
  Deliver(*page, false);
}

// Only of a stream that was at the head: others are as late as their consumer was.
void ChangeStream::ObserveLag(const ChangePage& page) {
  if (!progress_.live() || page.changes.empty() || !page.last_logged_at) return;
  feed_.metrics().ObserveLag(*request_.entity,
                             std::chrono::microseconds(page.as_of.micros - page.last_logged_at->micros));
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
  Send(MakeChangeMessage(*request_.entity, page.changes, facts), last);
}

void ChangeStream::Send(Message message, bool last) {
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
  // A stream of a channel has the position of the channel, unless it has taken a page that it did not send.
  if (channel_ && !pending_slice_) {
    if (const auto place = channel_->Exit(subscription_)) progress_.MoveTo(*place);
  }
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
  CancelTimer();
}

std::string ChangeStream::TokenAt(const ChangePosition& position) const {
  return tokens_.EncodeData(*request_.entity, request_.view, position);
}

}  // namespace journeyfeed::feed
