// Counts one batch of writes: busy session, rows, time, failures.
#pragma once

#include <chrono>
#include <vector>

#include "storage/postgres/connection.h"
#include "storage/postgres/store_metrics.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Lives as long as the batch is worked on; one thread.
class BatchMeter {
 public:
  BatchMeter(const PoolMetrics& pool, const BatchMetrics& batches, const std::vector<const WriteCall*>& calls);
  ~BatchMeter();
  BatchMeter(const BatchMeter&) = delete;
  BatchMeter& operator=(const BatchMeter&) = delete;

  // A statement of the batch failed.
  void Failed(const SqlError& error) const;

 private:
  const PoolMetrics& pool_;
  const BatchMetrics& batches_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace journeyfeed::postgres
