// Measures one batch of writes: busy connection, rows, time, failures.
#pragma once

#include <chrono>
#include <vector>

#include "storage/postgres/connection/connection.h"
#include "storage/postgres/store_metrics.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Lives while the batch is executed. Not thread-safe.
class BatchMeter {
 public:
  BatchMeter(const PoolMetrics& pool, const BatchMetrics& batches, const std::vector<const WriteRequest*>& calls);
  ~BatchMeter();
  BatchMeter(const BatchMeter&) = delete;
  BatchMeter& operator=(const BatchMeter&) = delete;

  // Counts a failed statement of the batch by its cause.
  void Failed(const SqlError& error) const;

 private:
  const PoolMetrics& pool_;
  const BatchMetrics& batches_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace journeyfeed::postgres
