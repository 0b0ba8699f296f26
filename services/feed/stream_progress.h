// Where one stream is in its feed, and what each page means for it: which message it becomes, whether more is known to
// follow, and whether the stream ends with it. Knows no thread, clock, database or gRPC.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "services/feed/change_message.h"
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
  std::optional<Timestamp> changed_since = {};  // where it starts without a token
  std::optional<CommitPoint> not_before = {};   // from a read-your-writes token
  bool resync_when_expired = false;
  std::chrono::milliseconds progress_interval{10000};
  std::int32_t max_changes_per_message = 2000;
  std::int64_t max_changes = 0;  // 0: no limit
};

// Whether a read that failed so may soon succeed.
bool MayPass(ErrorReason reason);

class StreamProgress {
 public:
  enum class Phase {
    kStarting,    // no page was read
    kLoading,     // the next page is one of the initial load
    kCatchingUp,  // more changes are known than were read
    kLive,        // every known change was read
  };

  // `request` must outlive it.
  explicit StreamProgress(const ChangeRequest& request) : request_(request), position_(request.after) {}

  Phase phase() const { return phase_; }
  bool started() const { return phase_ != Phase::kStarting; }
  bool live() const { return phase_ == Phase::kLive; }
  // Where the next page starts; nothing: at the beginning.
  const std::optional<ChangePosition>& position() const { return position_; }
  // The head of the log in the newest page.
  std::int64_t seen_head() const { return seen_head_; }

  // The read of the next page, without deadline.
  ChangePageRequest NextRead() const;

  // Continues at another position, without a page.
  void MoveTo(const PageEnd& end);

  // The position expired: the load begins again, and the next message reports it.
  void Resync();

  // A call whose changes were sent ended before the first change of the page, so no change carries its end: a message
  // without changes must. True if the page's own message cannot be that one. Then TakeMark comes before Advance.
  bool OwesMark(const ChangePage& page) const { return EndsOpenCall(page) && !EndsWithMark(page); }
  // Moves to that end and returns it as a page. The rest of `page` follows it.
  ChangePage TakeMark(const ChangePage& page);

  struct Outcome {
    bool last = false;  // the stream ends with this page
    // False: the page only shows progress, and becomes a message when that is due.
    bool must_send = false;
  };
  // Moves to the end of the page.
  Outcome Advance(const ChangePage& page);

  // The message of a page after TakeMark or Advance, without token. Call it only for a message that is sent.
  StreamMessageFacts TakeFacts(const ChangePage& page, bool last);
  // Nothing was sent yet, or the last message announced that more follows.
  bool told_more() const { return told_more_; }
  // Whether the message of a page in a channel says the same for every stream of a view.
  bool SpeaksForAll() const { return !resync_; }

 private:
  static bool EndsWithMark(const ChangePage& page);
  bool EndsOpenCall(const ChangePage& page) const;
  bool IsLast(const ChangePage& page);
  bool AtLimit() const { return request_.max_changes > 0 && changes_sent_ >= request_.max_changes; }
  void Count(const ChangePage& page);

  const ChangeRequest& request_;
  Phase phase_ = Phase::kStarting;
  std::optional<ChangePosition> position_;
  std::int64_t seen_head_ = 0;
  std::optional<std::int64_t> arrival_head_;  // a finite call must reach it
  int extra_pages_ = 0;                       // pages of a finite call beyond it
  bool resync_ = false;                       // the next message reports the resync
  // True: a change was sent and the end of its call was not. Unknown until the first page after a token is read.
  std::optional<bool> call_open_;
  bool told_more_ = true;  // nothing was sent yet, or the last message announced that more follows
  std::int64_t changes_sent_ = 0;
  std::int64_t rows_done_ = 0;  // of the load
  std::int64_t rows_estimated_ = 0;
  std::uint32_t blocks_ = 0;  // advice for the next page of the load
};

}  // namespace journeyfeed::feed
