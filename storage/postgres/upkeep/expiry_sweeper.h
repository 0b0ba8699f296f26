// Removes expired records. The sweeper is one more writer and uses the same function as all others. Readers treat an
// expired record as absent at once; the sweeper gives back its space and writes its deletion into the feed (parent
// message Expire), within seconds.
//
// Every replica has a sweeper. The database lets one at a time sweep an entity; another one takes over when its
// connection ends. Correctness does not depend on that: the write function removes a record only if it finds it
// expired, under its key lock and by the database's clock.
//
// The index knows only the hour of an expiry, and reading a whole hour every second would be expensive. So the sweeper
// reads the hour once a minute, for what expires within the next minute. It finds records that were written meanwhile
// with a nearer expiry in the log. It holds at most `most_awaited` records.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "storage/base/worker.h"
#include "storage/postgres/connection/worker_pool.h"
#include "storage/postgres/feed/position.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/write/write_batch.h"

namespace journeyfeed::postgres {

struct SweeperSettings {
  std::string conninfo;
  std::string options;                                                        // of a writer's connection
  std::chrono::milliseconds interval = std::chrono::seconds(1);               // between rounds when nothing is due
  std::size_t most_awaited = 65536;                                           // records known to expire soon
  std::chrono::seconds window = std::chrono::seconds(60);                     // how far ahead an hour is read
  std::function<void(const dictionary::Entity&, const LogPoint&)> on_commit;  // the newest position of a batch
  ReconnectingConnection::Admission admit = {};                               // of a connection that will write
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
  // Runs one round. Returns the pause before the next one.
  Pause Round(Connection& connection);
  Result<bool> Begin(Connection& connection);
  Result<void> LookAhead(Connection& connection);
  Result<void> FollowLog(Connection& connection);
  Result<void> RemoveDue(Connection& connection);
  Result<ResultSet> Ask(Connection& connection, const Statement& statement, const Params& params);
  // Adds the records of a result, starting at that row and column.
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

  // Used only by the worker. Times are microseconds since 1970, by the database's clock.
  std::optional<ReconnectingConnection> session_;
  const Connection* known_ = nullptr;  // the connection over which the following was learned
  bool leads_ = false;
  std::int64_t now_ = 0;
  std::int64_t head_ = 0;
  std::int64_t seen_ = 0;     // log rows up to this number are examined
  std::int64_t horizon_ = 0;  // all records that expire before it are awaited; 0: nothing is known
  bool cut_ = false;          // the horizon is this near because no more records could be held
  std::map<RecordKey, std::int64_t> expiries_;
  std::set<std::pair<std::int64_t, RecordKey>> awaited_;  // the same, soonest first
  Pause batch_time_{};                                    // of the last batch

  Worker worker_;  // last: it uses everything above
};

}  // namespace journeyfeed::postgres
