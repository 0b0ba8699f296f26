// The first of the two tables that translate errors: from SQLSTATE to Failure.
#pragma once

#include "storage/failure.h"
#include "storage/postgres/connection/connection.h"

namespace journeyfeed::postgres {

// Raised by our functions.
inline constexpr std::string_view kDirectWrite = "JF001";
inline constexpr std::string_view kNotAutocommit = "JF002";
inline constexpr std::string_view kHistoryNotOpen = "JF003";
inline constexpr std::string_view kBatchMismatch = "JF004";
inline constexpr std::string_view kSequenceBehind = "JF005";
inline constexpr std::string_view kCheckViolation = "23514";  // no partition for the row
inline constexpr std::string_view kDiskFull = "53100";
inline constexpr std::string_view kLockNotAvailable = "55P03";
inline constexpr std::string_view kFeedLockNotAvailable = "40JF1";
inline constexpr std::string_view kQueryCanceled = "57014";
inline constexpr std::string_view kReadOnlyTransaction = "25006";
inline constexpr std::string_view kRecoveryInProgress = "55000";

// For a read, or a statement that changed nothing. The caller logs the server's text, which is never part of the
// Failure.
Failure ToFailure(const SqlError& error);

// For a write: a lost answer is WRITE_OUTCOME_UNKNOWN, never UNAVAILABLE, which standard retry policies would send
// again.
Failure ToWriteFailure(const SqlError& error);

// Logs the text of the server, unless the caller is gone.
void LogFailedStatement(const SqlError& error);

// Whether the data of a row made the statement fail, and not the state of the server: the other rows of the batch may
// succeed.
bool BlamesData(const SqlError& error);

// Whether the connection leads to a server that does not accept our writes: another connection may find the right one.
bool IsWrongServer(const SqlError& error);

}  // namespace journeyfeed::postgres
