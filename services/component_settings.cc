#include "services/component_settings.h"

#include <utility>

namespace journeyfeed {

postgres::PostgresSettings StoreSettings(const Settings& settings, std::string conninfo, const Metrics& metrics) {
  postgres::PostgresSettings store;
  store.conninfo = std::move(conninfo);
  store.read_conninfo = settings.read_database_url;
  store.read_lag_limit = settings.read_lag_limit;
  store.query_connections = static_cast<int>(settings.query_connections);
  store.read_connections = static_cast<int>(settings.read_connections);
  store.writes.workers = static_cast<int>(settings.write_connections);
  store.expected_replicas = settings.database_url.empty() ? 1 : static_cast<int>(settings.expected_replicas);
  store.writes.queue_calls = static_cast<std::size_t>(settings.write_queue_limit);
  store.statement_timeout = settings.statement_timeout;
  store.poll_interval = settings.feed_poll_interval;
  store.registry = metrics.shared_registry();
  store.log_retention_days = static_cast<int>(settings.log_retention);
  store.sweep_interval = settings.sweep_interval;
  store.upkeep_interval = settings.upkeep_interval;
  if (settings.database_url.empty()) store.disk = settings.data_dir + "/postgres/data";
  store.disk_reserve = settings.disk_reserve.count;
  return store;
}

entity_service::QuerySettings QueryLimits(const Settings& settings) {
  entity_service::QuerySettings queries;
  queries.limits.conditions = settings.query_condition_limit;
  queries.limits.source_records = settings.aggregate_record_limit;
  queries.elastic_page_size = static_cast<std::int32_t>(settings.elastic_page_size);
  queries.standard_page_size = static_cast<std::int32_t>(settings.standard_page_size);
  return queries;
}

feed::FeedSettings FeedLimits(const Settings& settings) {
  return {.live = {.ring_bytes = static_cast<std::size_t>(settings.feed_ring_bytes.count),
                   .longest_rest = settings.feed_coalesce},
          .streams = {.most_streams = static_cast<std::size_t>(settings.feed_max_streams),
                      .page_bytes = static_cast<std::size_t>(settings.feed_page_bytes.count),
                      .stall_timeout = settings.feed_stall_timeout}};
}

customer_journey::PublisherSettings PublisherLimits(const Settings& settings) {
  customer_journey::PublisherSettings publisher;
  publisher.poll_interval = settings.lifecycle_poll_interval;
  publisher.expire_after = settings.journey_expiry;
  return publisher;
}

}  // namespace journeyfeed
