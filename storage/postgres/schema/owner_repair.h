// Repairs what a write needs and only the owner of the schema can make: partitions, and a new history.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "storage/base/mutex.h"
#include "storage/postgres/connection/connection.h"

namespace journeyfeed::postgres {

// Thread-safe.
class OwnerRepair {
 public:
  // `conninfo`: of the owner. `stop` ends a repair.
  OwnerRepair(std::string conninfo, std::stop_token stop) : conninfo_(std::move(conninfo)), stop_(std::move(stop)) {}

  // Runs Maintain after a statement failed with `error`. Several threads may meet the same error: one repairs, the
  // others wait for it. Returns when a repair succeeded after the call began, or failed; blocks for a bounded time.
  void RepairAfter(const SqlError& error) JF_EXCLUDES(repairing_);

 private:
  const std::string conninfo_;
  const std::stop_token stop_;
  Mutex repairing_;
  std::chrono::steady_clock::time_point repaired_at_ JF_GUARDED_BY(repairing_);
};

}  // namespace journeyfeed::postgres
