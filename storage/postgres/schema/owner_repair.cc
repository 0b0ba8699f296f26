#include "storage/postgres/schema/owner_repair.h"

#include <spdlog/spdlog.h>

#include "storage/postgres/schema/migrator.h"

namespace journeyfeed::postgres {

// Who waited for another thread's repair finds that it ended after `met`.
void OwnerRepair::RepairAfter(const SqlError& error) {
  const auto met = std::chrono::steady_clock::now();
  const MutexLock lock(repairing_);
  if (repaired_at_ >= met) return;
  spdlog::info("repairing after {}: {}", error.sql_state, error.message);
  if (Maintain(conninfo_, stop_)) repaired_at_ = std::chrono::steady_clock::now();
}

}  // namespace journeyfeed::postgres
