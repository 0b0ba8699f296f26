// Keeps this process from writing into a history other than the one it knows. A volume that was set back under the same
// timeline looks like a healthy server: only a process that saw the lost rows can tell. So the process remembers the
// newest known log row of each entity, and every connection that will write looks for it before its first write. If the
// row is gone, or the cluster or its timeline is another one, a new history is opened first (docs/life-of-a-change.md).
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "storage/postgres/connection/connection.h"
#include "storage/postgres/feed/position.h"
#include "storage/postgres/feed/position_check.h"
#include "storage/postgres/store_metrics.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// An entity's log and its server, as one snapshot shows them (queries/history_state.sql).
struct ServerHistory {
  LogState log;                                 // with the newest known row looked up
  std::int64_t system_identifier = 0;           // of the current history; the server's own is in `log`
  std::optional<std::int32_t> server_timeline;  // none in recovery
  bool receiving = false;                       // in recovery: follows another server
  int schema_version = 0;
};

// Whether the server has `known`, in its current history or an earlier one.
bool Holds(const LogState& log, const LogPoint& known);

// Whether a server that accepts writes must get a new history before this process, which has seen `known`, writes to
// it.
bool NeedsNewHistory(const ServerHistory& seen, const std::optional<LogPoint>& known);

// Thread-safe.
class HistoryGuard {
 public:
  // `conninfo`: of the schema's owner, which opens histories. `stop` aborts the opening.
  HistoryGuard(std::string conninfo, std::chrono::milliseconds timeout, const StoreMetrics& metrics,
               std::stop_token stop = {})
      : conninfo_(std::move(conninfo)), timeout_(timeout), metrics_(metrics), stop_(std::move(stop)) {}

  // Reads the history of one entity, opens a new one if needed, and remembers the head. Remembers nothing of a server
  // in recovery.
  Result<ServerHistory> CheckHistory(Connection& connection, const dictionary::Entity& entity);

  // Checks all entities for a connection that will write. SERVICE_UNAVAILABLE: the server is in recovery, or its
  // history could not be verified.
  Result<void> Admit(Connection& connection);

  // Notes a commit on the primary that this process made or was notified of.
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

// Reads the history of one entity and changes nothing. `known`: the row to look for.
Result<ServerHistory> ReadServerHistory(Connection& connection, const dictionary::Entity& entity,
                                        const std::optional<LogPoint>& known, std::chrono::milliseconds timeout);

}  // namespace journeyfeed::postgres
