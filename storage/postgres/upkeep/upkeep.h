// Periodic upkeep of a running store, on one thread: partitions ahead, rotation, and the values of gauges.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/base/worker.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/upkeep/log_rotation.h"

namespace journeyfeed::postgres {

struct UpkeepSettings {
  std::string conninfo;                                          // of the owner
  std::chrono::milliseconds interval = std::chrono::minutes(1);  // between rounds; the first one starts at once
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

  // Used only by the worker.
  std::unique_ptr<Connection> session_;
  Worker::Clock::time_point round_at_;  // the first one starts at once

  Worker worker_;  // last: it uses everything above
};

}  // namespace journeyfeed::postgres
