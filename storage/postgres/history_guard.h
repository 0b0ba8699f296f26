// Keeps this process from writing into a history that is not the one it knows. A volume that was set back under the
// same timeline looks like a healthy server: only who has seen what is gone can tell. So the process remembers the
// newest log row that it knows of each entity, every session that may write looks for it before its first write, and
// when it is gone, or the cluster or its timeline is another one, a new history is opened first
// (docs/life-of-a-change.md).
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "storage/postgres/connection.h"
#include "storage/postgres/position_check.h"
#include "storage/postgres/store_metrics.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// An entity's log and its server, as one snapshot shows them (queries/history_state.sql).
struct ServerHistory {
  LogState log;                                 // asked with the newest row that is known
  std::int64_t system_identifier = 0;           // of the current history; the server's own is in `log`
  std::optional<std::int32_t> server_timeline;  // none in recovery
  bool receiving = false;                       // in recovery: follows another server
  int schema_version = 0;
};

// Whether the server holds `known`, in its current history or an earlier one.
bool Holds(const LogState& log, const LogPoint& known);

// Whether a server that accepts writes must get a new history before this process, which has seen `known`, writes
// there.
bool NeedsNewHistory(const ServerHistory& seen, const std::optional<LogPoint>& known);

// Thread-safe.
class HistoryGuard {
 public:
  // `conninfo`: of the owner of the schema, who opens histories. `stop` ends the opening of one.
  HistoryGuard(std::string conninfo, std::chrono::milliseconds timeout, const StoreMetrics& metrics,
               std::stop_token stop = {})
      : conninfo_(std::move(conninfo)), timeout_(timeout), metrics_(metrics), stop_(std::move(stop)) {}

  // Looks at one entity, opens its new history when there has to be one, and remembers the head. Of a server in
  // recovery nothing is remembered.
  Result<ServerHistory> Look(Connection& connection, const dictionary::Entity& entity);

  // For a session that is to write: all entities. SERVICE_UNAVAILABLE: the server is in recovery, or could not be
  // judged.
  Result<void> Admit(Connection& connection);

  // A commit of the server that accepts writes was learnt of in another way.
  void Learnt(const dictionary::Entity& entity, const LogPoint& point);

  std::optional<LogPoint> Known(const dictionary::Entity& entity) const;

 private:
  Result<void> Reopen(const dictionary::Entity& entity, const std::optional<LogPoint>& known) const;

  const std::string conninfo_;
  const std::chrono::milliseconds timeout_;
  const StoreMetrics& metrics_;
  const std::stop_token stop_;
  mutable std::mutex mutex_;
  std::map<std::int16_t, LogPoint> known_;  // by entity; guarded by mutex_
};

// One statement about an entity's history, without consequences. `known`: the row to look for.
Result<ServerHistory> ReadServerHistory(Connection& connection, const dictionary::Entity& entity,
                                        const std::optional<LogPoint>& known, std::chrono::milliseconds timeout);

}  // namespace journeyfeed::postgres
