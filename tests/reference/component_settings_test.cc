// The defaults of a component are those of the settings table.
#include "services/component_settings.h"

#include <gtest/gtest.h>

#include "services/call/method.h"
#include "services/call/stream_lifetime.h"

namespace journeyfeed {
namespace {

// One of a server over a given database: with a private one there is a single server.
Settings Defaults() {
  return ReadInvocation({"--database-url=postgresql:///x", "--expected-replicas=1"}, {}).value().settings;
}

TEST(ComponentDefaults, OfTheStoreAreThoseOfTheSettings) {
  const Metrics metrics(std::make_shared<prometheus::Registry>());
  const postgres::PostgresSettings served = StoreSettings(Defaults(), "", metrics), alone;
  EXPECT_EQ(alone.read_connections, served.read_connections);
  EXPECT_EQ(alone.query_connections, served.query_connections);
  EXPECT_EQ(alone.writes.workers, served.writes.workers);
  EXPECT_EQ(alone.writes.queue_calls, served.writes.queue_calls);
  EXPECT_EQ(alone.statement_timeout, served.statement_timeout);
  EXPECT_EQ(alone.poll_interval, served.poll_interval);
  EXPECT_EQ(alone.read_lag_limit, served.read_lag_limit);
  EXPECT_EQ(alone.sweep_interval, served.sweep_interval);
  EXPECT_EQ(alone.upkeep_interval, served.upkeep_interval);
  EXPECT_EQ(alone.log_retention_days, served.log_retention_days);
}

TEST(ComponentDefaults, OfQueriesAreThoseOfTheSettings) {
  const entity_service::QuerySettings served = QueryLimits(Defaults()), alone;
  EXPECT_EQ(alone.limits.conditions, served.limits.conditions);
  EXPECT_EQ(alone.limits.source_records, served.limits.source_records);
  EXPECT_EQ(alone.elastic_page_size, served.elastic_page_size);
  EXPECT_EQ(alone.standard_page_size, served.standard_page_size);
}

TEST(ComponentDefaults, OfTheFeedAreThoseOfTheSettings) {
  const feed::FeedSettings served = FeedLimits(Defaults()), alone;
  EXPECT_EQ(alone.live.ring_bytes, served.live.ring_bytes);
  EXPECT_EQ(alone.live.longest_rest, served.live.longest_rest);
  EXPECT_EQ(alone.streams.most_streams, served.streams.most_streams);
  EXPECT_EQ(alone.streams.page_bytes, served.streams.page_bytes);
  EXPECT_EQ(alone.streams.stall_timeout, served.streams.stall_timeout);
}

TEST(ComponentDefaults, OfThePublisherStreamsAndCallsAreThoseOfTheSettings) {
  const Settings settings = Defaults();
  const customer_journey::PublisherSettings publisher;
  EXPECT_EQ(publisher.poll_interval, PublisherLimits(settings).poll_interval);
  EXPECT_EQ(publisher.expire_after, PublisherLimits(settings).expire_after);
  EXPECT_EQ(call::StreamLifetimeSettings().mean, std::chrono::milliseconds(settings.stream_lifetime));
  EXPECT_EQ(call::Policy().default_deadline, std::chrono::milliseconds(settings.default_deadline));
  EXPECT_EQ(static_cast<std::int64_t>(call::Policy().max_message_bytes), settings.max_message_bytes.count);
}

}  // namespace
}  // namespace journeyfeed
