#include "storage/postgres/read/read_pools.h"

#include "storage/postgres/connection/connection_options.h"

namespace journeyfeed::postgres {

ReadPools::ReadPools(const PostgresSettings& settings)
    : settings_(settings), pages_(settings.statement_timeout + kAnswerGrace) {}

void ReadPools::Start(const std::string& conninfo, bool service_role, const ReadPoolMetrics& metrics) {
  const auto pool = [&](const std::string& options, int connections, const PoolMetrics& pool_metrics) {
    return std::make_unique<WorkerPool>(conninfo, options + kEndsWithItsClient, connections, settings_.read_queue,
                                        pool_metrics);
  };
  const std::string options = ReadOptions(settings_, service_role);
  records_ = pool(options, settings_.read_connections, metrics.records);
  changes_ = pool(options, settings_.feed_connections, metrics.changes);
  live_changes_ = pool(options, 1, metrics.live_changes);
  queries_ = pool(QueryOptions(settings_, service_role), settings_.query_connections, metrics.queries);
}

void ReadPools::Stop() {
  for (WorkerPool* pool : {records_.get(), changes_.get(), live_changes_.get(), queries_.get()}) {
    if (pool) pool->Stop();
  }
}

}  // namespace journeyfeed::postgres
