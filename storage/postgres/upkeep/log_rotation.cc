#include "storage/postgres/upkeep/log_rotation.h"

#include <spdlog/spdlog.h>

#include "storage/postgres/connection/sql_state.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto kRotationTimeout = 20s;
// The most steps of a round, however much is due.
constexpr int kMostSteps = 100;

// Waits are short: writers queue behind the feed lock, and makers of partitions behind a detachment that is being
// finished. A detachment waits for all statements that have the log open; a later round finishes what it began.
constexpr char kOptions[] =
    "-c lock_timeout=500 -c statement_timeout=15000 -c idle_session_timeout=120000"
    " -c idle_in_transaction_session_timeout=10000 -c client_connection_check_interval=1000 -c timezone=UTC"
    " -c client_min_messages=warning -c jit=off -c default_transaction_isolation=read\\ committed";

std::expected<ResultSet, SqlError> ExecuteAsOwner(Connection& owner, const std::string& text,
                                                  const Params& params = {}) {
  return owner.ExecuteOnce(text, params, ResultFormat::kBinary, kRotationTimeout);
}

std::unexpected<Failure> Failed(const SqlError& error) {
  spdlog::warn("rotation failed: {} {}", error.sql_state, error.message);
  return std::unexpected(ToFailure(error));
}

bool WouldWait(const SqlError& error) {
  return !error.connection_lost && (error.sql_state == kLockNotAvailable || error.sql_state == kQueryCanceled);
}

// Asks for the next statement and executes it, until there is none. `dropped` counts removed partitions.
Result<void> RemoveAll(Connection& owner, const std::string& ask, const Params& params, prometheus::Counter& dropped) {
  for (int step = 0; step < kMostSteps; ++step) {
    auto answer = ExecuteAsOwner(owner, ask, params);
    if (!answer && WouldWait(answer.error())) return {};
    if (!answer) return Failed(answer.error());
    const auto statement = Row(answer->get(), 0).Text(0);
    if (!statement) return {};
    if (auto done = ExecuteAsOwner(owner, *statement); !done) {
      if (!WouldWait(done.error())) return Failed(done.error());
      spdlog::info("left for a later round, it is being read: {}", *statement);
      return {};
    }
    spdlog::info("{}", *statement);
    if (statement->starts_with("drop")) dropped.Increment();
  }
  return {};
}

Result<void> RotateLog(Connection& owner, const dictionary::Entity& entity, const RotationSettings& settings,
                       const RotationMetrics& metrics) {
  Params params;
  params.Add(entity.id);
  params.AddValue(settings.now ? Value(*settings.now) : Value());
  auto closed = ExecuteAsOwner(
      owner, "select journeyfeed.close_log_partition($1::smallint, coalesce($2::timestamptz, clock_timestamp()))",
      params);
  // The lock was not obtained in time: another round tries.
  if (!closed && !WouldWait(closed.error())) return Failed(closed.error());
  if (closed && Row(closed->get(), 0).Bool(0)) metrics.closed->Increment();
  params.Add(std::int32_t{settings.log_retention_days});
  return RemoveAll(owner,
                   "select journeyfeed.next_log_removal($1::smallint, make_interval(days => $3::integer),"
                   " coalesce($2::timestamptz, clock_timestamp()))",
                   params, *metrics.removed);
}

Result<void> RotateAll(Connection& owner, const RotationSettings& settings, const StoreMetrics& metrics) {
  Result<void> result;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    if (auto rotated = RotateLog(owner, *entity, settings, metrics.Of(*entity).rotation); !rotated)
      result = std::move(rotated);
  }
  Params params;
  params.AddValue(settings.now ? Value(*settings.now) : Value());
  auto outcomes =
      RemoveAll(owner, "select journeyfeed.next_outcome_removal(coalesce($1::timestamptz, clock_timestamp()))", params,
                *metrics.upkeep().outcomes_removed);
  return outcomes ? result : outcomes;
}

}  // namespace

std::expected<std::unique_ptr<Connection>, SqlError> OpenOwnerSession(const std::string& conninfo,
                                                                      std::stop_token stop) {
  return Connection::Open(conninfo, kOptions, kConnectTimeout, std::move(stop));
}

Result<void> Rotate(Connection& owner, const RotationSettings& settings, const StoreMetrics& metrics) {
  // A lock of the connection: a removal is several transactions, and DETACH CONCURRENTLY cannot run inside one.
  auto turn = ExecuteAsOwner(
      owner, "select not pg_is_in_recovery() and pg_try_advisory_lock(hashtext('journeyfeed.rotation'), 0)");
  if (!turn) return Failed(turn.error());
  if (!Row(turn->get(), 0).Bool(0)) return {};
  const Result<void> rotated = RotateAll(owner, settings, metrics);
  if (auto ended = ExecuteAsOwner(owner, "select pg_advisory_unlock(hashtext('journeyfeed.rotation'), 0)"); !ended)
    return Failed(ended.error());
  return rotated;
}

}  // namespace journeyfeed::postgres
