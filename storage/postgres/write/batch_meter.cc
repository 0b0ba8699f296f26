#include "storage/postgres/write/batch_meter.h"

#include "storage/postgres/connection/sql_state.h"

namespace journeyfeed::postgres {

BatchMeter::BatchMeter(const PoolMetrics& pool, const BatchMetrics& batches,
                       const std::vector<const WriteRequest*>& calls)
    : pool_(pool), batches_(batches) {
  std::size_t rows = 0;
  for (const WriteRequest* call : calls) rows += call->rows.size();
  pool_.busy->Increment();
  batches_.rows->Observe(static_cast<double>(rows));
}

BatchMeter::~BatchMeter() {
  pool_.busy->Decrement();
  batches_.duration->Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count());
}

void BatchMeter::Failed(const SqlError& error) const {
  if (error.connection_lost) return batches_.connections_lost->Increment();
  if (error.sql_state == kLockNotAvailable || error.sql_state == kFeedLockNotAvailable)
    return batches_.lock_timeouts->Increment();
  if (error.sql_state == kQueryCanceled) return batches_.statement_timeouts->Increment();
  if (error.sql_state == kDiskFull) return batches_.disk_full->Increment();
  batches_.other_errors->Increment();
}

}  // namespace journeyfeed::postgres
