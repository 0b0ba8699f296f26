// What a running store does from time to time, on a thread of its own: partitions ahead, rotation, and what the gauges
// show.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/base/worker.h"
#include "storage/postgres/log_rotation.h"
#include "storage/postgres/store_metrics.h"

namespace journeyfeed::postgres {

struct UpkeepSettings {
  std::string conninfo;                                          // of the owner
  std::chrono::milliseconds interval = std::chrono::minutes(1);  // of rounds; the first one comes at once
  RotationSettings rotation;
};

class Upkeep {
 public:
  // Works until it is destroyed. `metrics` outlives this.
  Upkeep(UpkeepSettings settings, const StoreMetrics& metrics);
  ~Upkeep();

 private:
  Worker::Clock::time_point Work(const std::stop_token& stop);
  bool Round(std::stop_token stop);
  void Sample(std::stop_token stop);
  Connection* Session(std::stop_token stop);

  const UpkeepSettings settings_;
  const StoreMetrics& metrics_;

  // The worker's alone.
  std::unique_ptr<Connection> session_;
  Worker::Clock::time_point round_at_;  // the first one at once

  Worker worker_;  // last: it uses everything above
};

}  // namespace journeyfeed::postgres
