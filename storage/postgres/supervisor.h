// Connects to the database, migrates it, watches for commits over one connection, and begins again after a loss. Tells
// the rest of the store whether the database can be used.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "storage/postgres/feed/commit_watch.h"
#include "storage/postgres/postgres_settings.h"
#include "storage/postgres/schema/migrator.h"
#include "storage/postgres/schema/token_key_set.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/upkeep/foreign_locks.h"
#include "storage/postgres/write/write_lanes.h"

namespace journeyfeed::postgres {

// What the supervisor tells, from its own thread. A call that throws is logged, and made again after a pause.
struct SupervisorEvents {
  // The database was migrated for the first time: what serves it can start. It may have started in part when this was
  // called before and threw. Comes before the first on_ready.
  std::function<void(bool service_role)> on_migrated;
  // Whether the database can be used, at every change.
  std::function<void(bool ready)> on_ready;
  // Once, if this server can never serve this database. The supervisor then does nothing more.
  std::function<void(const Failure&)> on_refused;
};

// Owns the thread that supervises. Start and Stop: one thread at a time.
class Supervisor {
 public:
  // All references outlive this. `writes` is started by `on_migrated`.
  Supervisor(const PostgresSettings& settings, const StoreMetrics& metrics, TokenKeySet& token_keys, CommitWatch& watch,
             WriteLanes& writes, SupervisorEvents events);

  // Begins, and returns at once.
  void Start();
  // Ends every wait of the thread, and joins it.
  void Stop();

 private:
  void Supervise(const std::stop_token& stop);
  bool Prepare(const std::stop_token& stop);
  bool TakeOn(const Migrated& migrated);
  bool Watch(const std::stop_token& stop);
  void SetReady(bool ready);
  void TellOpenness(const std::string& database) const;

  const PostgresSettings& settings_;
  const StoreMetrics& metrics_;
  TokenKeySet& token_keys_;
  CommitWatch& watch_;
  WriteLanes& writes_;
  const SupervisorEvents events_;

  // Used only by the thread.
  ForeignLocks foreign_locks_;
  bool served_ = false;  // this process has served the database
  bool ready_ = false;

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace journeyfeed::postgres
