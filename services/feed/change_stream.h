// One call of RetrieveEntityChanges: reads pages, writes messages, waits, ends. What a page means is decided by
// StreamProgress; this class decides when to read, write and end.
//
// Every event only records itself and calls Drive. The thread that comes first takes the next steps, one at a time.
// The stream reads at most one page ahead while it writes a message, so it holds at most two pages; it reads none ahead
// and smaller ones when all streams together hold many (stream_limits.h).
//
// | event | records | next steps |
// |---|---|---|
// | start | | read |
// | the end of a page is known | in pages_ | read the next page ahead |
// | a page arrived | in pages_ | send it when no message is being written; on failure retry, resync or fail |
// | a message was written | writing_ = false | send the page that waits, or end if the caller is gone |
// | a commit, the drain, the channel | | read if the head moved; take the channel's page; end if the server drains |
// | the clock | | read (retry, progress), end (lifetime), or cut off a caller that does not read |
// | the caller left | ended_ = true | none |
//
// A stream that follows reads its own pages until it is at the head, and then those of a channel that it shares with
// others (live_channel.h).
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "services/call/stream_call.h"
#include "services/call/stream_lifetime.h"
#include "services/feed/feed.h"
#include "services/feed/page_queue.h"
#include "services/feed/stream_limits.h"
#include "services/feed/stream_progress.h"
#include "services/feed/token.h"
#include "storage/base/timer.h"
#include "storage/store.h"

namespace journeyfeed::feed {

class ChangeStream final : public call::StreamCall {
 public:
  // What the references name outlives the stream. `slot`: it counts as one of Feed::limits().
  ChangeStream(call::StreamArguments arguments, Store& store, const TokenCodec& tokens, call::StreamLifetime& lifetime,
               Feed& feed, Timer& timer, Share slot, ChangeRequest request);
  ~ChangeStream() override;

  const dictionary::Entity& entity() const { return *request_.entity; }

  // The head may have moved, or the server drains. Any thread.
  void Wake();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Step { kNone, kRead, kSend, kTakeLive, kTellProgress, kFail, kEnd, kCutOff };
  enum class Driving { kNo, kYes, kAgain };  // kAgain: an event came meanwhile

  void OnStart() override;
  void OnWritten(bool ok) override;
  void OnCancelled() override;
  void OnPageEnd(std::uint64_t ticket, const PageEnd& end);
  void OnPage(std::uint64_t ticket, Result<ChangePage> page);
  void OnTimer(Clock::time_point due);

  void Drive();
  void SetTimer();     // under mutex_
  void CancelTimer();  // under mutex_
  void TakeStep(Step step);
  Step NextStep();                            // under mutex_
  Step NextLiveStep() const;                  // under mutex_
  bool Stalled(Clock::time_point now) const;  // under mutex_
  bool ProgressIsDue(Clock::time_point now) const { return now - sent_at_ >= request_.progress_interval; }
  bool WantsPage() const;                     // under mutex_
  bool ReadsAhead() const;                    // under mutex_
  bool RetriesAfter(const Failure& failure);  // under mutex_
  void ReadPage();
  void SendPage();
  PageQueue::Entry TakePage();
  void EnterChannel();
  void JoinChannel(const PageEnd& end);
  void NoteJoined();
  void LeaveChannel(const PageEnd& end);
  void TakeLive();
  void TellProgress();
  void SendShared(const LiveSlice& slice);
  void ObserveLag(const ChangePage& page);
  void Deliver(const ChangePage& page, bool last);
  void Send(Message message, bool last);
  void Fail(Failure failure);
  void EndEarly(EndReason reason);
  void CutOff();
  void MarkEnded();
  std::string TokenAt(const ChangePosition& position) const;

  Store& store_;
  const TokenCodec& tokens_;
  call::StreamLifetime& lifetime_;
  Feed& feed_;
  Timer& timer_;
  const ChangeRequest request_;
  const Share slot_;
  const Clock::time_point ends_at_;

  std::mutex mutex_;  // guards the following members
  Driving driving_ = Driving::kNo;
  PageQueue pages_;
  bool writing_ = false;  // a message
  Share held_message_;    // for it, if it is this stream's own
  bool ended_ = false;    // no step follows, but for kCutOff
  bool cut_off_ = false;
  bool joined_ = false;              // takes its pages from the channel
  bool verifying_ = false;           // progress is due, and the channel verifies the head
  std::uint64_t epoch_at_read_ = 0;  // of the channel, when the last page that was taken was requested
  std::optional<Clock::time_point> failing_since_;
  std::optional<Clock::time_point> resume_at_;  // earliest time of the next page
  Clock::time_point sent_at_;                   // of the last message
  std::optional<Timer::Ticket> timer_ticket_;   // of the task that drives the stream when something is due
  Clock::time_point timer_due_;                 // when that is

  // Used only by the driving thread.
  StreamProgress progress_;
  std::shared_ptr<LiveChannel> channel_;  // constant from OnStart on; null: the stream reads all of its pages itself
  Subscription subscription_;
  std::shared_ptr<const LiveSlice> pending_slice_;  // taken from the channel; a mark goes before it
  std::string token_;                               // of the last message; before the first message the caller's token
};

}  // namespace journeyfeed::feed
