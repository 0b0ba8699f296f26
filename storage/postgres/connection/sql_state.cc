#include "storage/postgres/connection/sql_state.h"

#include <spdlog/spdlog.h>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// The longest prefix wins: a whole code before its class.
struct Entry {
  std::string_view sql_state;
  ErrorReason reason;
  std::string_view message;
  std::chrono::milliseconds retry_after;  // zero: a retry is useless
};

constexpr Entry kTable[] = {
    {"JF003", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the database has just changed servers", 500ms},
    {"25006", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the database server accepts no writes now", 500ms},
    {"55000", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the database server accepts no writes now", 500ms},
    {"23514", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the change log is being extended", 100ms},
    {"57014", pb::ERROR_REASON_UN_MANAGED_IDS_SQL_TIMEOUT_ERROR, "the database did not finish in time", 0ms},
    {"55P03", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "a lock could not be obtained in time", 200ms},
    {"40JF1", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "a lock could not be obtained in time", 200ms},
    {"40", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the database aborted the transaction; try again", 100ms},
    {"53100", pb::ERROR_REASON_OVERLOADED, "the database's disk is full", 5000ms},
    {"53200", pb::ERROR_REASON_OVERLOADED, "the database's lock table or memory is full", 1000ms},
    {"53", pb::ERROR_REASON_OVERLOADED, "the database is out of resources", 1000ms},
    {"57P", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the database is being restarted", 500ms},
    {"08", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the database cannot be reached", 500ms},
    {"28", pb::ERROR_REASON_SERVICE_UNAVAILABLE, "the database refuses the service's credentials", 5000ms},
};

const Entry* Find(std::string_view sql_state) {
  const Entry* best = nullptr;
  for (const Entry& entry : kTable) {
    if (sql_state.starts_with(entry.sql_state) && (!best || entry.sql_state.size() > best->sql_state.size()))
      best = &entry;
  }
  return best;
}

}  // namespace

Failure ToFailure(const SqlError& error) {
  if (error.connection_lost) return Unavailable("the database cannot be reached");
  const Entry* entry = Find(error.sql_state);
  if (!entry) return {.reason = pb::ERROR_REASON_UNEXPECTED, .message = "the database refused the statement"};
  Failure failure{.reason = entry->reason, .message = std::string(entry->message)};
  if (entry->retry_after > 0ms) failure.retry_after = entry->retry_after;
  return failure;
}

Failure ToWriteFailure(const SqlError& error) {
  if (error.connection_lost && error.sent) {
    return {
        .reason = pb::ERROR_REASON_WRITE_OUTCOME_UNKNOWN,
        .message =
            "the connection to the database was lost before the outcome was known; read the record, or send the call "
            "again with the same request id"};
  }
  return ToFailure(error);
}

void LogFailedStatement(const SqlError& error) {
  if (error.abandoned) return;
  spdlog::warn("statement failed: {} {}", error.sql_state.empty() ? "(no answer)" : error.sql_state, error.message);
}

bool BlamesData(const SqlError& error) {
  return !error.connection_lost && error.sql_state != kCheckViolation &&
         (error.sql_state.starts_with("22") || error.sql_state.starts_with("23") || error.sql_state.starts_with("54"));
}

bool IsWrongServer(const SqlError& error) {
  return error.sql_state == kReadOnlyTransaction || error.sql_state == kRecoveryInProgress ||
         error.sql_state == kHistoryNotOpen;
}

}  // namespace journeyfeed::postgres
