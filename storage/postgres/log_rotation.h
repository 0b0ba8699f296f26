// Rotation of the change logs and of the request outcomes: a log's range is ended once a day, and what is older than
// the retention goes, a whole partition at a time. What is done and in which order: docs/life-of-a-change.md,
// "Rotation". Can be interrupted anywhere, by kill -9 too: the next round goes on from what the catalog shows.
#pragma once

#include <chrono>
#include <optional>

#include "storage/postgres/connection.h"
#include "storage/postgres/store_metrics.h"
#include "storage/status.h"

namespace journeyfeed::postgres {

struct RotationSettings {
  int log_retention_days = 7;      // since a partition's newest change; 0: every ended range goes at once
  std::optional<Timestamp> now{};  // instead of the database's clock, for tests that cannot wait for days
};

// A session of the owner for Rotate: every wait in it is short, and it ends by itself when its process is gone.
std::expected<std::unique_ptr<Connection>, SqlError> OpenOwnerSession(const std::string& conninfo,
                                                                      std::stop_token stop = {});

// One round over everything. At most one server at a time works; the others return at once. A removal that would have
// to wait for an open reader is left for the next round and is no failure. Postcondition: the session may be used
// again.
Result<void> Rotate(Connection& owner, const RotationSettings& settings, const StoreMetrics& metrics);

}  // namespace journeyfeed::postgres
