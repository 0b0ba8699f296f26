// Runs queries and reads their results.
#pragma once

#include <chrono>
#include <functional>

#include "storage/failure.h"
#include "storage/postgres/connection/connection.h"
#include "storage/query.h"

namespace journeyfeed::postgres {

// See Store::RetrieveMultiple. Calls `report` for every statement that failed.
Result<QueryPage> ReadQuery(Connection& connection, const Query& query, std::chrono::milliseconds timeout,
                            const std::function<void(const SqlError&)>& report);

}  // namespace journeyfeed::postgres
