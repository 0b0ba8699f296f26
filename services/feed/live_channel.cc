#include "services/feed/live_channel.h"

#include <algorithm>
#include <utility>

namespace journeyfeed::feed {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr auto kTailDeadline = 5s;
constexpr auto kTailPause = 100ms;
// A database that is away for longer breaks the channel off. Its streams then wait by themselves.
constexpr auto kTailPatience = 3s;
// A channel that no stream may join forgets its pages after this time.
constexpr auto kMemory = 10s;
// Delivering takes at most a seventh of the time, unless the rest is cut.
constexpr int kRestFactor = 6;
// Fewer streams get every commit at once: what a rest saves is then less than what it delays.
constexpr std::size_t kFewStreams = 4;

}  // namespace

LiveChannel::LiveChannel(Store& store, Timer& timer, const dictionary::Entity& entity, std::uint64_t columns,
                         const LiveSettings& settings, const ChannelMetrics& metrics, Wake wake)
    : store_(store),
      timer_(timer),
      entity_(entity),
      columns_(columns),
      longest_rest_(settings.longest_rest),
      metrics_(metrics),
      wake_(std::move(wake)),
      ring_(settings.ring_bytes, *metrics.bytes) {}

void LiveChannel::Enter(Subscription& subscription) {
  {
    const MutexLock lock(mutex_);
    entered_.insert(&subscription);
  }
  ReadIfWanted();
}

std::optional<PageEnd> LiveChannel::Exit(Subscription& subscription) {
  std::optional<PageEnd> place;
  {
    const MutexLock lock(mutex_);
    if (subscription.state != Subscription::State::kAway) {
      place = subscription.state == Subscription::State::kCurrent ? head_ : subscription.from;
      Leave(subscription);
    }
    if (entered_.erase(&subscription) == 0 || !entered_.empty() || stopped_) return place;
    used_at_ = Clock::now();
  }
  timer_.RunAfter(kMemory, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->ForgetIfUnused();
  });
  return place;
}

void LiveChannel::ForgetIfUnused() {
  const MutexLock lock(mutex_);
  if (entered_.empty() && Clock::now() - used_at_ >= kMemory) BreakOff();
}

std::uint64_t LiveChannel::epoch() const {
  const MutexLock lock(mutex_);
  return epoch_;
}

// A position that was judged in this epoch is of the log that the channel reads: everything up to it is the same.
bool LiveChannel::Join(Subscription& subscription, const PageEnd& end, std::uint64_t epoch) {
  const MutexLock lock(mutex_);
  if (epoch == 0 || epoch != epoch_ || end.history != head_.history || !end.consistent || end.seq < ring_.base())
    return false;
  JoinAt(subscription, end);
  return true;
}

// Equal positions have the same high water and nonce: everything up to them is the same. A channel that cannot verify
// its own position accepts no other one.
bool LiveChannel::Rejoin(Subscription& subscription, const ChangePosition& position) {
  const MutexLock lock(mutex_);
  if (epoch_ == 0 || failing_since_) return false;
  if (position == head_.position) {
    JoinAt(subscription, head_);
    subscription.call_open = !head_ends_call_;
  } else if (const auto boundary = ring_.Find(position)) {
    JoinAt(subscription, boundary->end);
    subscription.call_open = boundary->within_call;
  } else {
    return false;
  }
  if (subscription.call_open) open_calls_.insert(&subscription);
  return true;
}

void LiveChannel::JoinAt(Subscription& subscription, const PageEnd& end) {
  const bool current = end.seq == head_.seq;
  subscription.state = current ? Subscription::State::kCurrent : Subscription::State::kBehind;
  subscription.from = end;
  if (subscription.partition) {
    by_partition_[*subscription.partition].insert(&subscription);
  } else {
    unfiltered_.insert(&subscription);
  }
  metrics_.streams->Increment();
}

void LiveChannel::Leave(Subscription& subscription) {
  metrics_.streams->Decrement();
  subscription.state = Subscription::State::kAway;
  subscription.call_open = subscription.told = false;
  open_calls_.erase(&subscription);
  waiting_.erase(&subscription);
  unfiltered_.erase(&subscription);
  if (!subscription.partition) return;
  const auto group = by_partition_.find(*subscription.partition);
  if (group == by_partition_.end()) return;
  group->second.erase(&subscription);
  if (group->second.empty()) by_partition_.erase(group);
}

bool LiveChannel::HasNext(const Subscription& subscription) const {
  const MutexLock lock(mutex_);
  if (subscription.state == Subscription::State::kCurrent) return false;
  return subscription.state == Subscription::State::kAway || subscription.from.seq < head_.seq;
}

LiveChannel::Step LiveChannel::Next(Subscription& subscription) {
  for (;;) {
    std::shared_ptr<const LivePage> page;
    std::int64_t after = 0;
    bool call_open = false;
    {
      const MutexLock lock(mutex_);
      if (subscription.state == Subscription::State::kBehind && subscription.from.seq < ring_.base())
        Leave(subscription);
      if (subscription.state == Subscription::State::kAway) return {.slice = nullptr, .left = subscription.from};
      page = subscription.state == Subscription::State::kBehind ? ring_.PageAfter(subscription.from.seq) : nullptr;
      if (!page) {
        if (subscription.from.seq <= head_.seq) subscription.state = Subscription::State::kCurrent;
        subscription.told = false;
        return {};
      }
      after = std::max(subscription.from.seq, page->from().seq);
      call_open = subscription.call_open;
      const bool concerned = !subscription.partition || page->partitions().contains(*subscription.partition);
      if (!concerned && !call_open) {
        Pass(subscription, *page);
        continue;
      }
    }
    // Not under the lock: the first stream of a view filters and serialises.
    auto slice = page->SliceFor(subscription.partition, after);
    {
      const MutexLock lock(mutex_);
      MoveTo(subscription, *page, slice->page());
    }
    if (!slice->page().changes.empty() || call_open) return {.slice = std::move(slice), .left = {}};
  }
}

void LiveChannel::Pass(Subscription& subscription, const LivePage& page) {
  subscription.from = page.end();
  if (subscription.state == Subscription::State::kAway || !ring_.IsNewest(page)) return;
  subscription.state = Subscription::State::kCurrent;
  subscription.told = false;
}

// After the page. Whether a call is open is noted under the same lock: the page that ends it may be published next.
void LiveChannel::MoveTo(Subscription& subscription, const LivePage& page, const ChangePage& slice) {
  Pass(subscription, page);
  if (subscription.state == Subscription::State::kAway) return;
  subscription.call_open =
      slice.changes.empty() ? subscription.call_open && !slice.ended_before : !slice.changes.back().call_end;
  if (subscription.call_open) {
    open_calls_.insert(&subscription);
  } else {
    open_calls_.erase(&subscription);
  }
}

std::shared_ptr<const LiveSlice> LiveChannel::Progress(Subscription& subscription, Clock::time_point since) {
  {
    const MutexLock lock(mutex_);
    const bool behind = subscription.state == Subscription::State::kBehind;
    if (behind && subscription.from.seq <= head_.seq && !ring_.PageAfter(subscription.from.seq)) {
      subscription.state = Subscription::State::kCurrent;
    }
    const bool ahead = subscription.state == Subscription::State::kBehind && subscription.from.seq > head_.seq;
    if (subscription.state != Subscription::State::kCurrent && !ahead) return nullptr;
    if (!ahead && verified_at_ && *verified_at_ >= since) {
      if (!progress_) {
        ChangePage page;
        page.next = head_;
        page.call_end = head_ends_call_;
        page.head = head_.seq;
        page.as_of = as_of_;
        progress_ = std::make_shared<const LiveSlice>(entity_, std::move(page));
      }
      return progress_;
    }
    waiting_.insert(&subscription);
  }
  ReadIfWanted();
  return nullptr;
}

void LiveChannel::OnCommit(std::int64_t head) {
  {
    const MutexLock lock(mutex_);
    if (head <= announced_) return;
    announced_ = head;
  }
  ReadIfWanted();
}

bool LiveChannel::WantsPage() const {
  if (stopped_ || entered_.empty()) return false;
  return epoch_ == 0 || more_ || announced_ > head_.seq || !waiting_.empty();
}

void LiveChannel::ReadIfWanted() {
  ChangePageRequest request{.entity = &entity_, .after = {}, .columns = columns_, .partition_id = {}, .live = true};
  {
    const MutexLock lock(mutex_);
    if (tail_ != Tail::kIdle || !WantsPage()) return;
    tail_ = Tail::kReading;
    read_at_ = Clock::now();
    announced_at_read_ = announced_;
    request.max_changes = kMostChanges;
    request.deadline = read_at_ + kTailDeadline;
    request.start_at_head = epoch_ == 0;
    if (epoch_ != 0) request.after = head_.position;
  }
  store_.ReadChanges(std::move(request),
                     [self = shared_from_this()](const Result<ChangePage>& page) { self->OnPage(page); });
}

void LiveChannel::OnPage(const Result<ChangePage>& page) {
  std::chrono::milliseconds rest = 0ms;
  Streams woken;
  {
    const MutexLock lock(mutex_);
    if (stopped_) return;
    rest = page ? OnSuccess(*page) : OnFailure(page.error());
    woken.swap(woken_);
    delivering_to_ = woken.size();
    tail_ = rest > 0ms ? Tail::kResting : woken.empty() ? Tail::kIdle : Tail::kDelivering;
  }
  // The streams run first, then OnDelivered decides about the next page; unless a failure does.
  if (!woken.empty()) WakeStreams(std::move(woken));
  if (rest > 0ms) return RestThenRead(rest);
  ReadIfWanted();
}

std::chrono::milliseconds LiveChannel::OnFailure(const Failure& failure) {
  const auto now = Clock::now();
  if (!failing_since_) failing_since_ = now;
  const bool passes = MayPass(failure.reason) || failure.reason == pb::ERROR_REASON_DEADLINE_EXCEEDED;
  if (epoch_ != 0 && (!passes || now - *failing_since_ > kTailPatience)) BreakOff();
  return kTailPause;
}

std::chrono::milliseconds LiveChannel::OnSuccess(const ChangePage& page) {
  failing_since_.reset();
  metrics_.pages->Increment();
  if (epoch_ == 0) {
    Begin(page);
  } else {
    Publish(page);
  }
  more_ = page.head > page.next.seq;
  verified_at_ = more_ ? std::nullopt : std::optional(read_at_);
  as_of_ = page.as_of;
  progress_ = nullptr;
  head_ends_call_ = page.call_end;
  if (!more_) {
    for (const Subscription* subscription : waiting_) woken_.push_back(subscription->stream);
    waiting_.clear();
  }
  // A head was announced that this server does not show (a database that was set back?): do not read in a busy loop.
  return announced_at_read_ > page.head ? std::chrono::milliseconds(kTailPause) : 0ms;
}

// Wakes the streams that may join. Each reads one page itself, which is judged in this epoch.
void LiveChannel::Begin(const ChangePage& page) {
  epoch_ = ++last_epoch_;
  head_ = page.next;
  ring_.Clear(head_.seq);
  for (const Subscription* subscription : entered_) woken_.push_back(subscription->stream);
}

void LiveChannel::Publish(const ChangePage& page) {
  // A page that only skips entries concerns no stream, unless it ends a call.
  if (!page.changes.empty() || page.ended_before) {
    NoteTouched(ring_.Add(std::make_shared<const LivePage>(store_, entity_, head_, page)));
  }
  head_ = page.next;
}

void LiveChannel::SetRingBytes(std::size_t bytes) {
  const MutexLock lock(mutex_);
  ring_.SetBound(bytes);
}

void LiveChannel::NoteTouched(const LivePage& page) {
  for (Subscription* subscription : open_calls_) Touch(*subscription, page);
  if (page.empty()) return;
  for (Subscription* subscription : unfiltered_) Touch(*subscription, page);
  for (const std::string& partition : page.partitions()) {
    const auto group = by_partition_.find(partition);
    if (group == by_partition_.end()) continue;
    for (Subscription* subscription : group->second) Touch(*subscription, page);
  }
}

// A stream that was told takes this page after those that it has. One that joined ahead of the channel may be behind
// without having been told: the pages that passed it did not concern it.
void LiveChannel::Touch(Subscription& subscription, const LivePage& page) {
  if (subscription.state == Subscription::State::kCurrent) {
    subscription.state = Subscription::State::kBehind;
    subscription.from = page.from();
  } else if (page.end().seq <= subscription.from.seq) {
    return;  // the stream has it already
  }
  if (!std::exchange(subscription.told, true)) woken_.push_back(subscription.stream);
}

void LiveChannel::BreakOff() {
  epoch_ = 0;
  const auto send_away = [this](const std::unordered_set<Subscription*>& joined) JF_REQUIRES(mutex_) {
    for (Subscription* subscription : joined) {
      if (subscription->state == Subscription::State::kCurrent) subscription->from = head_;
      subscription->state = Subscription::State::kAway;
      subscription->call_open = subscription->told = false;
      woken_.push_back(subscription->stream);
    }
    metrics_.streams->Decrement(static_cast<double>(joined.size()));
  };
  if (!unfiltered_.empty() || !by_partition_.empty()) metrics_.breaks->Increment();
  send_away(unfiltered_);
  for (const auto& [partition, group] : by_partition_) send_away(group);
  unfiltered_.clear();
  by_partition_.clear();
  open_calls_.clear();
  waiting_.clear();
  ring_.Clear(head_.seq);
  verified_at_.reset();
  progress_ = nullptr;
  more_ = false;
}

void LiveChannel::OnDelivered(Clock::duration took) {
  auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(took * kRestFactor);
  rest = std::clamp<std::chrono::milliseconds>(rest, 0ms, longest_rest_);
  {
    const MutexLock lock(mutex_);
    if (tail_ != Tail::kDelivering) return;
    if (more_ || delivering_to_ < kFewStreams) rest = 0ms;
    tail_ = rest > 0ms ? Tail::kResting : Tail::kIdle;
  }
  if (rest > 0ms) return RestThenRead(rest);
  ReadIfWanted();
}

void LiveChannel::RestThenRead(std::chrono::milliseconds time) {
  timer_.RunAfter(time, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    {
      const MutexLock lock(self->mutex_);
      self->tail_ = Tail::kIdle;
    }
    self->ReadIfWanted();
  });
}

void LiveChannel::WakeStreams(Streams streams) {
  const MutexLock lock(wake_mutex_);
  if (wake_) wake_(shared_from_this(), std::move(streams));
}

void LiveChannel::Stop() {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    BreakOff();
    woken_.clear();
  }
  const MutexLock lock(wake_mutex_);
  wake_ = nullptr;
}

}  // namespace journeyfeed::feed
