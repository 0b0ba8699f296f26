// Refuses writes before the private database's disk is full. PostgreSQL answers a full disk with an error as long as
// only tables grow, but stops altogether when its write-ahead log cannot grow: then not even reads go on
// (docs/operations.md, "Full disk"). So the last space is kept for what is under way.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "storage/postgres/store_metrics.h"
#include "storage/status.h"

namespace journeyfeed::postgres {

// Thread-safe.
class DiskGuard {
 public:
  // `directory`: a local one on the database's disk; empty: nothing is known and nothing refused. `reserve`: bytes.
  DiskGuard(std::string directory, std::int64_t reserve, const DiskMetrics& metrics);

  // Why a write is refused now, if it is. Looks at the disk at most every kInterval.
  std::optional<Status> Refusal();

  static constexpr auto kInterval = std::chrono::milliseconds(100);

 private:
  void Look();

  const std::string directory_;
  const std::int64_t reserve_;
  const DiskMetrics& metrics_;
  std::atomic<std::int64_t> look_at_ = 0;  // of the steady clock
  std::atomic<bool> reached_ = false;
};

}  // namespace journeyfeed::postgres
