// Removes records whose time is over: one more writer, through the same function as all others. Expired records are
// absent for every reader anyway; the sweeper gives back their space and writes their deletion into the feed
// (parent message Expire), within seconds.
//
// Every replica has one; the database lets one at a time sweep an entity, and another goes on when its session ends.
// Correctness does not rest on that: a record is removed only if the write function finds it expired, under its key
// lock and by the database's clock.
//
// The table knows only the hour of an expiry by index, and reading a whole hour every second would be dear. So the hour
// is read once a minute, for what expires within the next one; what is written meanwhile with a nearer expiry is found
// in the log. At most kMostAwaited records are held.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "storage/base/worker.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/worker_pool.h"
#include "storage/postgres/write_batch.h"

namespace journeyfeed::postgres {

struct SweeperSettings {
  std::string conninfo;
  std::string options;                                                        // of a writer's session
  std::chrono::milliseconds interval = std::chrono::seconds(1);               // between looks when nothing is due
  std::size_t most_awaited = 65536;                                           // records known to expire soon
  std::chrono::seconds window = std::chrono::seconds(60);                     // how far ahead an hour is read
  std::function<void(const dictionary::Entity&, const LogPoint&)> on_commit;  // what a batch reached
  ReconnectingConnection::Admission admit = {};                               // of a session that is to write
  std::function<bool()> may_write = [] { return true; };
};

class ExpirySweeper {
 public:
  // Sweeps until it is destroyed. `entity` is elastic; `environment` and `metrics` outlive this.
  ExpirySweeper(const dictionary::Entity& entity, SweeperSettings settings, BatchEnvironment environment,
                const SweeperMetrics& metrics);
  ~ExpirySweeper();

 private:
  using Pause = std::chrono::milliseconds;

  Worker::Clock::time_point Work(const std::stop_token& stop);
  // One round; how long to wait before the next one.
  Pause Round(Connection& connection);
  Result<bool> Begin(Connection& connection);
  Result<void> LookAhead(Connection& connection);
  Result<void> FollowLog(Connection& connection);
  Result<void> RemoveDue(Connection& connection);
  Result<ResultSet> Ask(Connection& connection, const Statement& statement, const Params& params);
  // The records of a result, from that row and column on.
  void AwaitAll(const PGresult* result, int row, int column);
  void Await(const RecordKey& key, std::int64_t expires_at);
  void Forget();
  bool IsDue() const { return !awaited_.empty() && awaited_.begin()->first <= now_; }
  void TellBacklog();
  Pause UntilNext() const;

  const dictionary::Entity& entity_;
  const SweeperSettings settings_;
  const BatchEnvironment environment_;
  const SweeperMetrics& metrics_;

  // The worker's alone. Times are microseconds since 1970, of the database.
  std::optional<ReconnectingConnection> session_;
  const Connection* known_ = nullptr;  // the session that what follows was learned over
  bool leads_ = false;
  std::int64_t now_ = 0;
  std::int64_t head_ = 0;
  std::int64_t seen_ = 0;     // log rows up to here are looked at
  std::int64_t horizon_ = 0;  // everything that expires before is awaited; 0: nothing is known
  bool cut_ = false;          // the horizon is as near as it is because no more could be held
  std::map<RecordKey, std::int64_t> expiries_;
  std::set<std::pair<std::int64_t, RecordKey>> awaited_;  // the same, soonest first
  Pause batch_time_{};                                    // of the last batch

  Worker worker_;  // last: it uses everything above
};

}  // namespace journeyfeed::postgres
