// Whether the read database, a streaming standby, may be read: a thread that looks at it.
//
// It may as long as it is in recovery, follows a server, has the schema of this server, and shows what the primary
// showed a short time ago: the primary's newest log rows are remembered with the time, and looked for here. One that
// holds another row in their place follows another history. While the primary cannot be reached nothing new is known,
// and the last judgement stays.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "storage/base/worker.h"
#include "storage/postgres/history_guard.h"
#include "storage/postgres/worker_pool.h"

namespace journeyfeed::postgres {

struct ReadReplicaSettings {
  std::string conninfo;  // empty: there is none
  std::chrono::milliseconds timeout;
  std::chrono::milliseconds poll_interval;
  std::chrono::milliseconds lag_limit;
};

// Thread-safe.
class ReadReplica {
 public:
  using HeadListener = std::function<void(const dictionary::Entity&, std::int64_t head)>;

  // `on_head`: as CommitWatch's, of what the standby shows, while it may be read.
  ReadReplica(ReadReplicaSettings settings, const HistoryGuard& primary, const StoreMetrics& metrics,
              HeadListener on_head);

  bool exists() const { return !settings_.conninfo.empty(); }
  // `options`: of its session. When there is a read database.
  void Start(const std::string& options);
  void Stop();  // joins

  bool Usable() const { return usable_; }
  // Whether the server that accepts writes can be reached.
  void SetPrimaryUp(bool up) { primary_up_ = up; }
  // The primary's head moved to `head`: look soon, and until it is here.
  void Expect(const dictionary::Entity& entity, std::int64_t head);

 private:
  using Clock = std::chrono::steady_clock;
  // A row that the primary showed.
  struct Sample {
    LogPoint point;
    Clock::time_point taken;
  };

  Worker::Clock::time_point Work();
  bool Look(Connection& connection);
  bool TakeIn(const dictionary::Entity& entity, const ServerHistory& seen);
  void Judge(bool readable);
  std::chrono::milliseconds Pause() const;  // under mutex_

  const ReadReplicaSettings settings_;
  const HistoryGuard& primary_;
  const StoreMetrics& metrics_;
  const HeadListener on_head_;
  std::atomic<bool> usable_ = false;
  std::atomic<bool> primary_up_ = false;

  mutable std::mutex mutex_;
  std::map<std::int16_t, std::int64_t> expected_;  // heads of the primary; guarded by mutex_
  std::map<std::int16_t, std::int64_t> heads_;     // guarded by mutex_
  std::chrono::milliseconds pause_{};              // while something is expected; guarded by mutex_

  // The thread's.
  std::map<std::int16_t, Sample> samples_;           // looked for, not yet found
  std::map<std::int16_t, Clock::time_point> shows_;  // the state of which time was found last
  Clock::time_point received_at_;                    // when it last followed a server

  std::optional<ReconnectingConnection> connection_;  // the worker's alone
  std::atomic<bool> started_ = false;                 // worker_ is there
  std::optional<Worker> worker_;
};

}  // namespace journeyfeed::postgres
