// The changes of one entity, with one set of columns, for the streams that follow them: one statement reads a page for
// all, however many they are.
//
// The channel reads the log from its head on and keeps the newest pages. A stream reads its own pages until it is at
// the head, then joins. It leaves when it falls behind the oldest page, or when the channel breaks off because it could
// not verify its position (a lost history, a database that is away). It then reads its own pages again, which are
// judged one by one.
//
// | subscription | where the stream is |
// |---|---|
// | away | not in the channel |
// | current | at the head: it has every change |
// | behind | at `from`; pages after it are kept here |
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "services/feed/feed_metrics.h"
#include "services/feed/live_page.h"
#include "services/feed/live_ring.h"
#include "storage/base/mutex.h"
#include "storage/base/timer.h"
#include "storage/store.h"

namespace journeyfeed::feed {

class ChangeStream;

struct LiveSettings {
  std::size_t ring_bytes = 64 << 20;           // of the pages that all channels keep; 0: no channels
  std::chrono::milliseconds longest_rest{12};  // between two pages, while delivering takes long
};

// One stream's place in a channel. Only the channel reads and writes it, under its lock.
struct Subscription {
  enum class State { kAway, kCurrent, kBehind };
  std::weak_ptr<ChangeStream> stream;
  std::optional<std::string> partition;  // absent: all
  State state = State::kAway;
  PageEnd from;            // if behind or away: where it goes on
  bool told = false;       // was woken, and has not found since that there is nothing to take
  bool call_open = false;  // the end of a call was not told yet: every page is of interest
};

// Thread-safe. Calls no stream under its lock.
class LiveChannel : public std::enable_shared_from_this<LiveChannel> {
 public:
  static constexpr std::int32_t kMostChanges = 1000;  // of a page

  // Wakes streams soon, on another thread, and then calls OnDelivered. Must not block.
  using Streams = std::vector<std::weak_ptr<ChangeStream>>;
  using Wake = std::function<void(std::shared_ptr<LiveChannel> channel, Streams streams)>;

  // Store, timer and metrics outlive it and its callbacks.
  LiveChannel(Store& store, Timer& timer, const dictionary::Entity& entity, std::uint64_t columns,
              const LiveSettings& settings, const ChannelMetrics& metrics, Wake wake);

  std::uint64_t columns() const { return columns_; }

  // Counts a stream that may join. While there is one, the channel reads. Exit must come before the end of
  // `subscription`.
  void Enter(Subscription& subscription);
  // Returns where a stream is that has joined; nothing if it is away. Afterwards the channel knows nothing of it.
  std::optional<PageEnd> Exit(Subscription& subscription);

  // Rises whenever the channel begins anew; 0 while it cannot say that its position is good.
  std::uint64_t epoch() const;
  // Joins at the end of a page of the stream's own, if that was read while the channel was in `epoch`, and the channel
  // is in it still. Returns whether it joined.
  bool Join(Subscription& subscription, const PageEnd& end, std::uint64_t epoch);
  // Joins with the position of a token, if that is where a page that is kept begins or ends: the channel has judged it,
  // so no statement is needed. Returns whether it joined.
  bool Rejoin(Subscription& subscription, const ChangePosition& position);

  // Whether Next has something to say to a stream that has joined: a page, or that it must leave.
  bool HasNext(const Subscription& subscription) const;
  struct Step {
    std::shared_ptr<const LiveSlice> slice;  // the next page, if there is one
    std::optional<PageEnd> left;             // the stream is away: where it goes on
  };
  // Only one thread at a time for a subscription. The stream has the page when this returns.
  Step Next(Subscription& subscription);
  // For a stream that is current: the head as a page without changes, if it was verified after `since`; streams share
  // it. Otherwise returns null, and the channel verifies the head and wakes the stream then.
  std::shared_ptr<const LiveSlice> Progress(Subscription& subscription, std::chrono::steady_clock::time_point since);

  // Bounds what it keeps from now on.
  void SetRingBytes(std::size_t bytes);
  // The head of the log moved.
  void OnCommit(std::int64_t head);
  // All streams that a page woke had their turn, which took this long: the next page may be read.
  void OnDelivered(std::chrono::steady_clock::duration took);
  // Reads nothing more. Afterwards `wake` is not called any more.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Tail { kIdle, kReading, kDelivering, kResting };

  void ReadIfWanted();
  bool WantsPage() const JF_REQUIRES(mutex_);
  void OnPage(const Result<ChangePage>& page);
  std::chrono::milliseconds OnFailure(const Failure& failure) JF_REQUIRES(mutex_);
  std::chrono::milliseconds OnSuccess(const ChangePage& page) JF_REQUIRES(mutex_);
  void Begin(const ChangePage& page) JF_REQUIRES(mutex_);
  void Publish(const ChangePage& page) JF_REQUIRES(mutex_);
  void NoteTouched(const LivePage& page) JF_REQUIRES(mutex_);
  void Touch(Subscription& subscription, const LivePage& page) JF_REQUIRES(mutex_);
  void BreakOff() JF_REQUIRES(mutex_);
  void JoinAt(Subscription& subscription, const PageEnd& end) JF_REQUIRES(mutex_);
  void Leave(Subscription& subscription) JF_REQUIRES(mutex_);
  void Pass(Subscription& subscription, const LivePage& page) JF_REQUIRES(mutex_);
  void MoveTo(Subscription& subscription, const LivePage& page, const ChangePage& slice) JF_REQUIRES(mutex_);
  void RestThenRead(std::chrono::milliseconds time);
  void WakeStreams(Streams streams);
  void ForgetIfUnused();

  Store& store_;
  Timer& timer_;
  const dictionary::Entity& entity_;
  const std::uint64_t columns_;
  const std::chrono::milliseconds longest_rest_;
  const ChannelMetrics metrics_;

  Mutex wake_mutex_;  // taken without mutex_
  Wake wake_ JF_GUARDED_BY(wake_mutex_);

  mutable Mutex mutex_;
  std::uint64_t epoch_ JF_GUARDED_BY(mutex_) = 0;
  std::uint64_t last_epoch_ JF_GUARDED_BY(mutex_) = 0;
  PageEnd head_ JF_GUARDED_BY(mutex_);  // of the newest page; where the next one begins
  LiveRing ring_ JF_GUARDED_BY(mutex_);
  bool head_ends_call_ JF_GUARDED_BY(mutex_) = true;  // the log row at head_
  // Of the newest page, if it reached the head: the database's time, and when its statement began.
  Timestamp as_of_ JF_GUARDED_BY(mutex_);
  std::optional<Clock::time_point> verified_at_ JF_GUARDED_BY(mutex_);
  std::shared_ptr<const LiveSlice> progress_ JF_GUARDED_BY(mutex_);  // made when it is needed

  std::unordered_set<Subscription*> entered_ JF_GUARDED_BY(mutex_);
  std::unordered_set<Subscription*> unfiltered_ JF_GUARDED_BY(mutex_);  // of those that joined
  std::unordered_map<std::string, std::unordered_set<Subscription*>> by_partition_ JF_GUARDED_BY(mutex_);
  std::unordered_set<Subscription*> open_calls_ JF_GUARDED_BY(mutex_);     // filtered ones that need every page
  std::unordered_set<const Subscription*> waiting_ JF_GUARDED_BY(mutex_);  // for a verification
  std::vector<std::weak_ptr<ChangeStream>> woken_ JF_GUARDED_BY(mutex_);

  Tail tail_ JF_GUARDED_BY(mutex_) = Tail::kIdle;
  std::size_t delivering_to_ JF_GUARDED_BY(mutex_) = 0;  // streams
  std::int64_t announced_ JF_GUARDED_BY(mutex_) = 0;     // newest head that a commit announced
  bool more_ JF_GUARDED_BY(mutex_) = false;              // the last page did not reach the head
  Clock::time_point read_at_ JF_GUARDED_BY(mutex_);
  std::int64_t announced_at_read_ JF_GUARDED_BY(mutex_) = 0;
  std::optional<Clock::time_point> failing_since_ JF_GUARDED_BY(mutex_);
  Clock::time_point used_at_ JF_GUARDED_BY(mutex_);  // when the last stream left
  bool stopped_ JF_GUARDED_BY(mutex_) = false;
};

}  // namespace journeyfeed::feed
