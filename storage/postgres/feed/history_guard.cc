#include "storage/postgres/feed/history_guard.h"

#include <spdlog/spdlog.h>

#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/schema/migrator.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

// What history_state.sql appends to the state.
enum HistoryNumber { kSystemIdentifier = kStateNumbers, kServerTimeline, kReceivers, kStoredSchemaVersion };

bool IsOfThisServer(const ServerHistory& seen) {
  return seen.system_identifier == seen.log.system_identifier && seen.server_timeline == seen.log.timeline;
}

}  // namespace

bool Holds(const LogState& log, const LogPoint& known) {
  if (known.history != log.history) return log.known;
  if (known.seq < log.floor) return true;
  if (known.seq == log.floor) return known.nonce == log.floor_nonce;
  return log.nonce_at_high_water == known.nonce;
}

bool NeedsNewHistory(const ServerHistory& seen, const std::optional<LogPoint>& known) {
  if (seen.log.in_recovery) return false;
  return !IsOfThisServer(seen) || (known && !Holds(seen.log, *known));
}

Result<ServerHistory> ReadServerHistory(Connection& connection, const dictionary::Entity& entity,
                                        const std::optional<LogPoint>& known, std::chrono::milliseconds timeout) {
  Params params;
  if (known) {
    params.Add(known->history);
    params.Add(known->seq);
  } else {
    params.AddNull();
    params.AddNull();
  }
  auto result = connection.Execute(StatementsOf(entity).history_state, params, ResultFormat::kBinary, timeout);
  if (!result) {
    spdlog::debug("reading a server's history failed: {} {}", result.error().sql_state, result.error().message);
    return std::unexpected(ToFailure(result.error()));
  }
  if (PQntuples(result->get()) != 1) return std::unexpected(Unavailable("the history of the database is not readable"));
  const auto numbers = Row(result->get(), 0).Int8Array(0);
  ServerHistory seen;
  seen.log = LogState::From(numbers);
  seen.system_identifier = numbers.at(kSystemIdentifier).value_or(0);
  if (const auto timeline = numbers.at(kServerTimeline)) seen.server_timeline = static_cast<std::int32_t>(*timeline);
  seen.receiving = numbers.at(kReceivers).value_or(0) > 0;
  seen.schema_version = static_cast<int>(numbers.at(kStoredSchemaVersion).value_or(0));
  return seen;
}

Result<ServerHistory> HistoryGuard::CheckHistory(Connection& connection, const dictionary::Entity& entity) {
  const std::optional<LogPoint> known = Known(entity);
  auto seen = ReadServerHistory(connection, entity, known, timeout_);
  if (!seen || seen->log.in_recovery) return seen;
  if (NeedsNewHistory(*seen, known)) {
    if (auto reopened = Reopen(entity, known); !reopened) return std::unexpected(reopened.error());
    seen = ReadServerHistory(connection, entity, known, timeout_);
    if (!seen) return seen;
    if (seen->log.in_recovery || !IsOfThisServer(*seen) ||
        (known && known->history == seen->log.history && !Holds(seen->log, *known))) {
      return std::unexpected(Unavailable("the database's history could not be verified"));
    }
  }
  const std::scoped_lock lock(mutex_);
  LogPoint& point = known_[entity.id];
  // A later commit may have been noted since the snapshot.
  if (point.history != seen->log.history || point.seq < seen->log.head) {
    point = {.history = seen->log.history,
             .timeline = seen->log.timeline,
             .seq = seen->log.head,
             .nonce = seen->log.head_nonce};
  }
  return seen;
}

Result<void> HistoryGuard::Admit(Connection& connection) {
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const auto seen = CheckHistory(connection, *entity);
    if (!seen) return std::unexpected(seen.error());
    if (seen->log.in_recovery) return std::unexpected(Unavailable("the database server accepts no writes now"));
  }
  return {};
}

void HistoryGuard::Learnt(const dictionary::Entity& entity, const LogPoint& point) {
  const std::scoped_lock lock(mutex_);
  LogPoint& known = known_[entity.id];
  if (known.history == point.history && known.seq < point.seq) known = point;
}

std::optional<LogPoint> HistoryGuard::Known(const dictionary::Entity& entity) const {
  const std::scoped_lock lock(mutex_);
  const auto known = known_.find(entity.id);
  if (known == known_.end() || known->second.history == 0) return std::nullopt;
  return known->second;
}

Result<void> HistoryGuard::Reopen(const dictionary::Entity& entity, const std::optional<LogPoint>& known) const {
  auto opened = VerifyHistory(conninfo_, entity, known, stop_);
  if (!opened) return std::unexpected(opened.error());
  if (*opened) metrics_.Of(entity).history.opened->Increment();
  return {};
}

}  // namespace journeyfeed::postgres
