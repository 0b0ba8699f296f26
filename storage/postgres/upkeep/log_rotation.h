// Rotates the change logs and the request outcomes: ends a log's range once a day, and removes what is older than the
// retention, a whole partition at a time. Steps and their order: docs/life-of-a-change.md, "Rotation". It can be
// interrupted anywhere, by kill -9 too: the next round continues from what the catalog shows.
#pragma once

#include <chrono>
#include <optional>

#include "storage/failure.h"
#include "storage/postgres/connection/connection.h"
#include "storage/postgres/store_metrics.h"

namespace journeyfeed::postgres {

struct RotationSettings {
  int log_retention_days = 7;      // since a partition's newest change; 0: every ended range goes at once
  std::optional<Timestamp> now{};  // instead of the database's clock, for tests that cannot wait for days
};

// Opens a connection of the owner for Rotate. Every wait on it is short, and the server ends it when this process is
// gone.
std::expected<std::unique_ptr<Connection>, SqlError> OpenOwnerSession(const std::string& conninfo,
                                                                      std::stop_token stop = {});

// Runs one round over everything. One server works at a time; the others return at once. A removal that would wait for
// an open reader is left for the next round and is no failure. Postcondition: the connection can be used again.
Result<void> Rotate(Connection& owner, const RotationSettings& settings, const StoreMetrics& metrics);

}  // namespace journeyfeed::postgres
