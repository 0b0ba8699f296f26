// The connections that read one server, by purpose: slow calls of one kind delay none of another.
#pragma once

#include <memory>
#include <string>

#include "storage/postgres/connection/worker_pool.h"
#include "storage/postgres/feed/change_pages.h"
#include "storage/postgres/postgres_settings.h"
#include "storage/postgres/store_metrics.h"

namespace journeyfeed::postgres {

struct ReadPoolMetrics {
  const PoolMetrics& records;
  const PoolMetrics& changes;
  const PoolMetrics& live_changes;
  const PoolMetrics& queries;
};

class ReadPools {
 public:
  // `settings` outlives this.
  explicit ReadPools(const PostgresSettings& settings);

  // Makes the pools; connections open when a call needs them. `conninfo`: of the server. `service_role`: see
  // ReadOptions. One thread, before the first use of a pool.
  void Start(const std::string& conninfo, bool service_role, const ReadPoolMetrics& metrics);
  // See WorkerPool::Stop. The pools stay, since a read that is answered late may try to queue itself again.
  void Stop();

  // Precondition: after Start. Any thread.
  WorkerPool& records() const { return *records_; }
  WorkerPool& changes() const { return *changes_; }
  WorkerPool& live_changes() const { return *live_changes_; }  // one connection
  WorkerPool& queries() const { return *queries_; }

  // What positions and tokens mean on this server.
  ChangePages& pages() { return pages_; }

 private:
  const PostgresSettings& settings_;
  ChangePages pages_;
  std::unique_ptr<WorkerPool> records_;
  std::unique_ptr<WorkerPool> changes_;
  std::unique_ptr<WorkerPool> live_changes_;
  std::unique_ptr<WorkerPool> queries_;
};

}  // namespace journeyfeed::postgres
