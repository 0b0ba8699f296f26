// One call of RetrieveEntityChanges: reads pages, writes messages, waits, ends.
//
// Every event of a stream (a page arrived, a message was written, a commit, the clock, the caller left) only records
// itself and calls Drive. The thread that comes first takes the next steps, one at a time. The stream reads at most one
// page ahead while it writes a message, so it holds at most two pages.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "services/call/stream_call.h"
#include "services/call/stream_lifetime.h"
#include "services/feed/change_message.h"
#include "services/feed/feed.h"
#include "services/feed/token.h"
#include "storage/store.h"

namespace journeyfeed::feed {

// A checked request.
struct ChangeRequest {
  const dictionary::Entity* entity = nullptr;
  std::optional<ChangePosition> after;
  std::uint64_t columns = ~std::uint64_t{0};
  std::uint64_t view = 0;  // what its tokens are bound to
  std::optional<std::string> partition_id;
  bool follow = false;
  bool skip_initial_load = false;
  bool resync_when_expired = false;
  std::chrono::milliseconds progress_interval{10000};
  std::int32_t max_changes_per_message = 2000;
  std::int64_t max_changes = 0;  // 0: no limit
};

class ChangeStream final : public call::StreamCall {
 public:
  // What the references name outlives the stream.
  ChangeStream(call::StreamArguments arguments, Store& store, const TokenCodec& tokens, call::StreamLifetime& lifetime,
               Feed& feed, ChangeRequest request);
  ~ChangeStream() override;

  const dictionary::Entity& entity() const { return *request_.entity; }

  // The head may have moved, or the server drains. Any thread.
  void Wake();
  // Drives the stream if something is due at `now`. Any thread.
  void Tick(std::chrono::steady_clock::time_point now);

 private:
  using Clock = std::chrono::steady_clock;
  enum class Step { kNone, kRead, kSend, kFail, kEnd };

  void OnStart() override;
  void OnWritten(bool ok) override;
  void OnCancelled() override;
  void OnPage(Result<ChangePage> page);

  void Drive();
  void Take(Step step);
  Step NextStep();  // under mutex_
  void Read();
  void Send();
  void Fail(Status status);
  void EndEarly(EndReason reason);
  bool Retry(const Status& status);  // under mutex_; whether to retry after the failure
  bool WantsPage() const;            // under mutex_
  bool OwesMark(const ChangePage& page) const;
  void SendMark();
  void Follow(const ChangePage& page);
  void Deliver(const ChangePage& page, bool last);
  bool IsLast(const ChangePage& page);
  bool WorthSending(const ChangePage& page, bool last) const;
  MessageFacts FactsOf(const ChangePage& page, bool last) const;

  Store& store_;
  const TokenCodec& tokens_;
  call::StreamLifetime& lifetime_;
  Feed& feed_;
  const ChangeRequest request_;
  const std::uint64_t view_;
  const Clock::time_point ends_at_;

  std::mutex mutex_;  // guards the following members
  bool driving_ = false;
  bool again_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<Result<ChangePage>> page_;  // arrived, not yet sent
  std::optional<Clock::time_point> failing_since_;
  std::optional<Clock::time_point> not_before_;  // earliest time of the next page
  bool ever_read_ = false;

  // Used only by the driving thread.
  std::optional<ChangePosition> position_;  // where the next page starts
  std::string token_;                       // of the last message; before the first message the caller's token
  std::optional<std::int64_t> arrival_head_;
  std::int64_t seen_head_ = 0;  // of the newest page
  bool behind_ = true;          // more is known to follow
  bool resync_ = false;         // the next message reports the resync
  // True: a change was sent and the end of its call was not. Unknown until the first page after a token is read.
  std::optional<bool> call_open_;
  bool told_more_ = true;  // nothing was sent yet, or the last message announced that more follows
  int extra_pages_ = 0;
  std::int64_t changes_sent_ = 0;
  std::int64_t rows_done_ = 0;  // of the load
  std::int64_t rows_estimated_ = 0;
  std::uint32_t blocks_ = 0;   // advice for the next page of the load
  Clock::time_point sent_at_;  // written under mutex_
};

}  // namespace journeyfeed::feed
