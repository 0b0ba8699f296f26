// Refuses writes before the private database's disk is full. PostgreSQL answers a full disk with an error while only
// tables grow, but stops when its write-ahead log cannot grow: then not even reads work (docs/operations.md, "Full
// disk"). So some space is reserved for what is in flight.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "storage/failure.h"
#include "storage/postgres/store_metrics.h"

namespace journeyfeed::postgres {

// Thread-safe.
class DiskGuard {
 public:
  // `directory`: a local directory on the database's disk; empty: nothing is checked or refused. `reserve`: bytes.
  DiskGuard(std::string directory, std::int64_t reserve, const DiskMetrics& metrics);

  // Returns why a write is refused now, if it is. Checks the disk at most once per kInterval.
  std::optional<Failure> Refusal();

  static constexpr auto kInterval = std::chrono::milliseconds(100);

 private:
  void Poll();

  const std::string directory_;
  const std::int64_t reserve_;
  const DiskMetrics& metrics_;
  std::atomic<std::int64_t> look_at_ = 0;  // next check, by the steady clock
  std::atomic<bool> reached_ = false;
};

}  // namespace journeyfeed::postgres
