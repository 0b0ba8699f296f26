// Decides whether the read database, a streaming standby, may be read. A thread watches it.
//
// It may be read while it is in recovery, follows a server, has the schema of this server, and shows what the primary
// showed a short time ago: the primary's newest log rows are remembered with the time and looked for on the standby. A
// standby that holds another row in their place follows another history. While the primary cannot be reached, nothing
// new is known and the last judgement stays.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "storage/base/worker.h"
#include "storage/postgres/connection/worker_pool.h"
#include "storage/postgres/feed/history_guard.h"

namespace journeyfeed::postgres {

struct StandbySettings {
  std::string conninfo;  // empty: there is none
  std::chrono::milliseconds timeout;
  std::chrono::milliseconds poll_interval;
  std::chrono::milliseconds lag_limit;
};

// Thread-safe.
class Standby {
 public:
  using HeadListener = std::function<void(const dictionary::Entity&, std::int64_t head)>;

  // `on_head` gets the standby's newest sequence number, while it is eligible, from the watching thread. It must not
  // block.
  Standby(StandbySettings settings, const HistoryGuard& primary, const StoreMetrics& metrics, HeadListener on_head);

  bool exists() const { return !settings_.conninfo.empty(); }
  // Begins to watch; does nothing if it watches. `options`: of its connection. Precondition: exists().
  void Start(const std::string& options);
  void Stop();  // joins

  bool Usable() const { return usable_; }
  // Whether the primary can be reached.
  void SetPrimaryUp(bool up) { primary_up_ = up; }
  // The primary's head moved to `head`: check soon, and until the standby shows it.
  void Expect(const dictionary::Entity& entity, std::int64_t head);

 private:
  using Clock = std::chrono::steady_clock;
  // A log row that the primary showed.
  struct Sample {
    LogPoint point;
    Clock::time_point taken;
  };

  Worker::Clock::time_point Work();
  bool Poll(Connection& connection);
  bool TakeIn(const dictionary::Entity& entity, const ServerHistory& seen);
  void Judge(bool readable);
  std::chrono::milliseconds Pause() const;  // under mutex_

  const StandbySettings settings_;
  const HistoryGuard& primary_;
  const StoreMetrics& metrics_;
  const HeadListener on_head_;
  std::atomic<bool> usable_ = false;
  std::atomic<bool> primary_up_ = false;

  mutable std::mutex mutex_;
  std::map<std::int16_t, std::int64_t> expected_;  // heads of the primary; guarded by mutex_
  std::map<std::int16_t, std::int64_t> heads_;     // guarded by mutex_
  std::chrono::milliseconds pause_{};              // while something is expected; guarded by mutex_

  // Used only by the watching thread.
  std::map<std::int16_t, Sample> samples_;           // rows that are looked for
  std::map<std::int16_t, Clock::time_point> shows_;  // when the newest row that was found was taken
  Clock::time_point received_at_;                    // when the standby last followed a server

  std::optional<ReconnectingConnection> connection_;  // used only by the worker
  std::atomic<bool> started_ = false;                 // worker_ exists
  std::optional<Worker> worker_;
};

}  // namespace journeyfeed::postgres
