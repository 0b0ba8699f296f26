// Learns of commits on the primary, and announces the commits of this process to other replicas, over one connection
// that listens and polls.
//
// Notifications are hints. They are sent outside the writing transactions, one for all commits of about 10 ms, and may
// be lost. A poll finds commits that were not notified, and then runs more often for a while. Every database role can
// send notifications: only those with a valid code are believed; others cause an early poll.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "storage/postgres/connection/connection.h"
#include "storage/postgres/feed/commit_payload.h"
#include "storage/postgres/feed/history_guard.h"
#include "storage/postgres/store_metrics.h"

namespace journeyfeed::postgres {

struct CommitWatchSettings {
  std::chrono::milliseconds poll_interval;
  std::chrono::milliseconds timeout;  // of a statement
  NotificationKeys keys;
};

class CommitWatch {
 public:
  // `on_state` gets the state of an entity's log at each poll, `on_hint` a head that a notification announced. Both are
  // called from the watching thread and must not block.
  using HeadListener = std::function<void(const dictionary::Entity&, const LogState&)>;
  using HintListener = std::function<void(const dictionary::Entity&, std::int64_t head)>;

  CommitWatch(CommitWatchSettings settings, HistoryGuard& guard, const StoreMetrics& metrics, HeadListener on_state,
              HintListener on_hint);
  ~CommitWatch();
  CommitWatch(const CommitWatch&) = delete;
  CommitWatch& operator=(const CommitWatch&) = delete;

  // Announces a committed batch of this process to the other replicas. Any thread; does not block.
  void Committed(const dictionary::Entity& entity, const LogPoint& point);

  // Ends the wait of Step early. Any thread.
  void Wake() const;

  // Begins to watch over a new connection. Returns whether it can listen.
  bool Begin(Connection& connection);

  enum class State { kGood, kInRecovery, kLost };
  // Waits at most for the poll interval, then announces and polls what is due.
  State Step(Connection& connection);

 private:
  using Clock = std::chrono::steady_clock;

  State Poll(Connection& connection);
  bool Announce(Connection& connection);
  void Hear(Connection& connection);
  void HearStranger();
  void AdaptTo(bool missed);

  const CommitWatchSettings settings_;
  HistoryGuard& guard_;
  const StoreMetrics& metrics_;
  const HeadListener on_state_;
  const HintListener on_hint_;
  const int wake_;  // an eventfd

  std::mutex mutex_;
  std::map<std::int16_t, LogPoint> to_announce_;  // by entity; guarded by mutex_

  // Used only by the watching thread.
  std::map<std::int16_t, std::int64_t> told_;    // newest head that was notified or committed by this process
  std::map<std::int16_t, std::int64_t> polled_;  // head at the last poll
  std::chrono::milliseconds interval_;
  Clock::time_point poll_at_;
  Clock::time_point announce_at_;
  Clock::time_point stranger_at_;  // before this time, unverified notifications cause no early poll
};

}  // namespace journeyfeed::postgres
