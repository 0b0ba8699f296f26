// Executes the writes: the coalescer's lanes, a connection for each of its workers, and what a batch needs before it is
// sent.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "storage/coalescer/write_coalescer.h"
#include "storage/postgres/connection/worker_pool.h"
#include "storage/postgres/postgres_settings.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/write/batch_meter.h"
#include "storage/postgres/write/lock_budget.h"
#include "storage/postgres/write/write_parts.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Submit: any thread. All else: one thread at a time.
class WriteLanes {
 public:
  // All references outlive this.
  WriteLanes(const PostgresSettings& settings, const StoreMetrics& metrics, WriteParts parts)
      : settings_(settings), metrics_(metrics), parts_(std::move(parts)) {}

  // Takes this server's share of a lock table for `table_locks` locks.
  void SetLockTable(std::int64_t table_locks);

  // Opens the lanes; connections open when a batch needs them. Does nothing if they are open. `service_role`: see
  // WriteOptions. Precondition: SetLockTable.
  void Start(bool service_role);
  // From now on Submit answers UNAVAILABLE.
  void Close() { open_ = false; }
  // Waits for the batches in flight, and answers waiting calls with UNAVAILABLE. Precondition: Close, and no call of
  // Submit is under way.
  void Stop() { coalescer_.reset(); }

  // See Store::Write. Also OVERLOADED while the disk of a private database is full.
  void Submit(WriteRequest call, WriteCoalescer::Callback done);

  // Sets the metric of the waiting calls. Precondition: between Start and Stop.
  void MeasureWaiting() const;

 private:
  using Calls = std::vector<const WriteRequest*>;
  using Outcomes = std::vector<Result<WriteOutcome>>;

  Outcomes Execute(int worker, const dictionary::Entity& entity, const Calls& calls, std::vector<CallFate>& fates);
  std::optional<LockBudget::Share> TakeLocks(int worker, const Calls& calls);
  Outcomes Send(ReconnectingConnection& session, Connection* connection, const BatchMeter& meter,
                const dictionary::Entity& entity, const Calls& calls, std::vector<CallFate>& fates);
  void TellNewest(const dictionary::Entity& entity, const Outcomes& outcomes) const;

  const PostgresSettings& settings_;
  const StoreMetrics& metrics_;
  const WriteParts parts_;
  LockBudget locks_;
  std::atomic<bool> open_ = false;
  // Made by Start before it opens the lanes. Each session is used by one worker; the last one is the blocked lane's.
  std::vector<std::unique_ptr<ReconnectingConnection>> sessions_;
  std::unique_ptr<WriteCoalescer> coalescer_;  // last: its workers use everything above
};

}  // namespace journeyfeed::postgres
