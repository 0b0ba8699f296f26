// Reads one record by its key.
#pragma once

#include <chrono>
#include <optional>

#include "storage/failure.h"
#include "storage/postgres/connection/connection.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// See Store::Retrieve; does not wait for `not_before`. Logs a statement that failed.
Result<std::optional<StoredRecord>> ReadRecord(Connection& connection, const RecordRequest& call,
                                               std::chrono::milliseconds timeout);

}  // namespace journeyfeed::postgres
