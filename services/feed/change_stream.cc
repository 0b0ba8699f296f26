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
                           call::StreamLifetime& lifetime, Feed& feed, Timer& timer, Share slot, ChangeRequest request)
    : StreamCall(std::move(arguments)),
      store_(store),
      tokens_(tokens),
      lifetime_(lifetime),
      feed_(feed),
      timer_(timer),
      request_(std::move(request)),
      slot_(std::move(slot)),
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
  if (request_.after && !request_.not_before && channel_->Rejoin(subscription_, *request_.after)) NoteJoined();
}

void ChangeStream::OnWritten(bool ok) {
  {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    held_message_ = {};
    if (!ok) ended_ = true;
  }
  Drive();
}

void ChangeStream::OnCancelled() {
  MarkEnded();
  if (channel_) channel_->Exit(subscription_);
  feed_.Remove(this);
}

void ChangeStream::OnPageEnd(std::uint64_t ticket, const PageEnd& end) {
  {
    const std::scoped_lock lock(mutex_);
    pages_.NoteEnd(ticket, end);
  }
  Drive();
}

void ChangeStream::OnPage(std::uint64_t ticket, Result<ChangePage> page) {
  Share held = page ? feed_.limits().HoldPage(MemoryOf(*page)) : Share();
  {
    const std::scoped_lock lock(mutex_);
    pages_.Arrive(ticket, std::move(page), std::move(held));
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
  auto due = ended_ ? Clock::time_point::max() : ends_at_;
  if (writing_) due = std::min(due, sent_at_ + feed_.limits().settings().stall_timeout);
  // After a request the page drives the stream; before a write is done, the write does.
  if (pages_.empty() && resume_at_ && now < *resume_at_) {
    due = std::min(due, *resume_at_);
  } else if (pages_.empty() && (progress_.live() || joined_) && !writing_ && !verifying_) {
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
  ended_ && (!writing_ || cut_off_) ? CancelTimer() : SetTimer();
}

void ChangeStream::TakeStep(Step step) {
  if (step == Step::kRead) ReadPage();
  if (step == Step::kSend) SendPage();
  if (step == Step::kTakeLive) TakeLive();
  if (step == Step::kTellProgress) TellProgress();
  if (step == Step::kFail) Fail(pages_.first()->page->error());
  if (step == Step::kCutOff) CutOff();
  if (step == Step::kEnd) EndEarly(lifetime_.draining() ? EndReason::kDrain : EndReason::kLifetime);
}

// A stream that has ended waits for its last write, too.
bool ChangeStream::Stalled(Clock::time_point now) const {
  return writing_ && !cut_off_ && now - sent_at_ >= feed_.limits().settings().stall_timeout;
}

ChangeStream::Step ChangeStream::NextStep() {
  if (Stalled(Clock::now())) return Step::kCutOff;
  if (ended_) return Step::kNone;
  if (lifetime_.draining() || Clock::now() >= ends_at_) return Step::kEnd;
  if (joined_) return NextLiveStep();
  const auto* first = pages_.first();
  if (first != nullptr && first->page && !*first->page) {
    if (!RetriesAfter(first->page->error())) return Step::kFail;
    pages_.Clear();
  }
  if (pages_.empty() ? WantsPage() : ReadsAhead()) return Step::kRead;
  return !pages_.empty() && pages_.first()->page && !writing_ ? Step::kSend : Step::kNone;
}

ChangeStream::Step ChangeStream::NextLiveStep() const {
  if (writing_) return Step::kNone;
  if (pending_slice_ || channel_->HasNext(subscription_)) return Step::kTakeLive;
  const bool due = progress_.told_more() || ProgressIsDue(Clock::now());
  return due && !verifying_ ? Step::kTellProgress : Step::kNone;
}

bool ChangeStream::WantsPage() const {
  const auto now = Clock::now();
  if (resume_at_ && now < *resume_at_) return false;
  if (writing_ && !feed_.limits().MayReadAhead()) return false;
  if (!progress_.live()) return true;
  // Everything known was read. Only a stream that follows gets here. A page that is read now lets it join the channel.
  const std::uint64_t epoch = channel_ ? channel_->epoch() : 0;
  if (epoch != 0 && epoch != epoch_at_read_) return true;
  return feed_.Head(*request_.entity) > progress_.seen_head() || (!writing_ && ProgressIsDue(now));
}

bool ChangeStream::ReadsAhead() const {
  return pages_.ReadAheadFrom() != nullptr && request_.max_changes == 0 && feed_.limits().MayReadAhead();
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
  call.max_bytes = feed_.limits().NextPageBytes();
  std::uint64_t ticket = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (const PageEnd* ahead = pages_.ReadAheadFrom()) call.after = ahead->position;
    ticket = pages_.Request(channel_ ? channel_->epoch() : 0);
  }
  // The callbacks keep the stream alive: gRPC may be done with it before the page arrives.
  auto self = std::static_pointer_cast<ChangeStream>(shared_from_this());
  call.on_end = [self, ticket](const PageEnd& end) { self->OnPageEnd(ticket, end); };
  store_.ReadChanges(std::move(call),
                     [self, ticket](Result<ChangePage> page) { self->OnPage(ticket, std::move(page)); });
}

void ChangeStream::SendPage() {
  // A page that has arrived does not change until it is taken here.
  const ChangePage& arrived = **pages_.first()->page;
  if (progress_.OwesMark(arrived)) return Deliver(progress_.TakeMark(arrived), false);
  const PageQueue::Entry taken = TakePage();
  const ChangePage& page = **taken.page;
  ObserveLag(page);
  const StreamProgress::Outcome outcome = progress_.Advance(page);
  if (outcome.must_send || ProgressIsDue(Clock::now())) Deliver(page, outcome.last);
  if (channel_ && progress_.live()) JoinChannel(page.next);
}

void ChangeStream::JoinChannel(const PageEnd& end) {
  if (channel_->Join(subscription_, end, epoch_at_read_)) NoteJoined();
}

void ChangeStream::NoteJoined() {
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
  SendShared(*slice);
}

// After Advance.
void ChangeStream::SendShared(const LiveSlice& slice) {
  const bool shared = progress_.SpeaksForAll();
  StreamMessageFacts facts = progress_.TakeFacts(slice.page(), false);
  const auto complete = [&] {
    facts.data_token = TokenAt(slice.page().next.position);
    return facts;
  };
  Send(shared ? slice.SharedMessage(request_.view, complete) : slice.OwnMessage(complete()), false);
}

// For a stream at the head of its channel. The channel has verified the head, so this needs no statement.
void ChangeStream::TellProgress() {
  const auto note = [this](bool verifying) {
    const std::scoped_lock lock(mutex_);
    verifying_ = verifying;
  };
  note(true);  // before the question: the channel may wake the stream at once
  const auto slice = channel_->Progress(subscription_, Clock::now() - request_.progress_interval / 2);
  if (!slice) return;
  note(false);
  progress_.Advance(slice->page());
  SendShared(*slice);
}

// Only of a stream that was at the head: others are as late as their consumer was.
void ChangeStream::ObserveLag(const ChangePage& page) {
  if (!progress_.live() || page.changes.empty() || !page.last_logged_at) return;
  feed_.metrics().ObserveLag(*request_.entity,
                             std::chrono::microseconds(page.as_of.micros - page.last_logged_at->micros));
}

PageQueue::Entry ChangeStream::TakePage() {
  const std::scoped_lock lock(mutex_);
  PageQueue::Entry entry = pages_.Take();
  const ChangePage& page = **entry.page;
  epoch_at_read_ = entry.epoch;
  failing_since_.reset();
  resume_at_.reset();
  // Two pages ended below the announced head (rollback?): pause before polling.
  const bool stuck =
      progress_.started() && page.head == progress_.seen_head() && feed_.Head(*request_.entity) > page.head;
  if (stuck) resume_at_ = Clock::now() + kRetryPause;
  return entry;
}

void ChangeStream::Deliver(const ChangePage& page, bool last) {
  StreamMessageFacts facts = progress_.TakeFacts(page, last);
  facts.data_token = token_ = TokenAt(page.next.position);
  auto message = MakeChangeMessage(*request_.entity, page.changes, facts);
  {
    const std::scoped_lock lock(mutex_);
    held_message_ = feed_.limits().HoldPage(message->Length());
  }
  Send(std::move(message), last);
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

// No status can reach a caller that does not read. Its last token stays good.
void ChangeStream::CutOff() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = cut_off_ = true;
  }
  feed_.metrics().CountCutOff(*request_.entity);
  FinishOnce(
      Failure{.reason = pb::ERROR_REASON_CANCELLED, .message = "the caller has not taken a message for too long"});
  Abort();
}

void ChangeStream::MarkEnded() {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
}

std::string ChangeStream::TokenAt(const ChangePosition& position) const {
  return tokens_.EncodeData(*request_.entity, request_.view, position);
}

}  // namespace journeyfeed::feed
