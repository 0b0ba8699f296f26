#include "storage/postgres/read/due_journeys.h"

#include <gtest/gtest.h>

#include "tests/support/feed_database.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

// Needed with several hosts.
TEST(DueJourneys, AreClaimedWhereTheConnectionStringWantsAServerThatAcceptsWrites) {
  const testing::FeedDatabase database;
  DueJourneys due(database.url() + " target_session_attrs=read-write", 5s);
  const auto batch = due.Claim({});
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->waiting, 0);
}

}  // namespace
}  // namespace journeyfeed::postgres
