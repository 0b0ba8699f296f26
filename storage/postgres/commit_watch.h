// What this process learns of commits on the server that accepts writes, and what it tells other processes of its own:
// a session that listens and looks.
//
// Notifications are a hint: they are sent outside of the transactions that write, one for all commits of a moment, and
// may be lost. A poll finds what no notification told, and comes more often for a while when it had to. Every role of
// the database can send them: only those that carry our code are believed, others bring the next poll forward.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "storage/postgres/commit_payload.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/history_guard.h"
#include "storage/postgres/store_metrics.h"

namespace journeyfeed::postgres {

struct CommitWatchSettings {
  std::chrono::milliseconds poll_interval;
  std::chrono::milliseconds timeout;  // of a statement
  NotificationKeys keys;
};

class CommitWatch {
 public:
  // `on_head`: the newest known head of an entity's log, from the watching thread; must not block.
  using HeadListener = std::function<void(const dictionary::Entity&, const LogState&)>;
  using HintListener = std::function<void(const dictionary::Entity&, std::int64_t head)>;

  CommitWatch(CommitWatchSettings settings, HistoryGuard& guard, const StoreMetrics& metrics, HeadListener on_state,
              HintListener on_hint);
  ~CommitWatch();
  CommitWatch(const CommitWatch&) = delete;
  CommitWatch& operator=(const CommitWatch&) = delete;

  // A batch of this process was committed: the others are to know. Any thread; does not block.
  void Committed(const dictionary::Entity& entity, const LogPoint& point);

  // Ends the wait of Step early. Any thread.
  void Wake() const;

  // Begins to watch over a new session; whether it can.
  bool Begin(Connection& connection);

  enum class State { kGood, kInRecovery, kLost };
  // Waits, at most for the poll interval, and does what is due.
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

  // The watching thread's.
  std::map<std::int16_t, std::int64_t> told_;    // newest head that a notification told or that was this process's own
  std::map<std::int16_t, std::int64_t> polled_;  // head at the last look
  std::chrono::milliseconds interval_;
  Clock::time_point poll_at_;
  Clock::time_point announce_at_;
  Clock::time_point stranger_at_;  // until then strangers do not bring a poll forward
};

}  // namespace journeyfeed::postgres
