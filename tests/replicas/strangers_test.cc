// Any role that may connect to the database can send notifications and take advisory locks.
#include <gtest/gtest.h>

#include "tests/integration/database_connection.h"
#include "tests/replicas/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr char kHistories[] = "select count(*) from journeyfeed.feed_history";

class Strangers : public ::testing::Test {
 protected:
  FeedDatabase database_;
  Replica server_{{"--database-url", database_.url()}};
  OneClient client_{server_.address()};
};

TEST_F(Strangers, AForgedNotificationOpensNoHistory) {
  ASSERT_TRUE(client_.Upsert(1, "n").ok());
  const std::int64_t version = client_.version;
  const std::string histories = database_.Ask(kHistories);
  const std::string point = database_.Ask(
      "select concat_ws(' ', 1, h.incarnation, h.timeline, (select max(seq) + 1000000 from"
      " journeyfeed.journey_run_session_log), 42) from journeyfeed.feed_history h where fork_seq is null and entity = "
      "1");
  const std::string second = database_.Ask("select extract(epoch from now())::bigint");
  for (const std::string& payload : {point, point + " " + second, point + " " + second + " " + std::string(32, '0'),
                                     std::string("x"), std::string(), std::string(7000, '9')}) {
    database_.Ask("select pg_notify('journeyfeed_commit', '" + payload + "')");
  }
  EXPECT_TRUE(
      Eventually([this] { return server_.Metric("journeyfeed_commit_notifications_unverified_total") >= 6; }, 20s));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client_.Upsert(1, "n" + std::to_string(i)).ok());
  EXPECT_EQ(client_.version, version + 3);
  EXPECT_EQ(database_.Ask(kHistories), histories);
}

TEST_F(Strangers, ANotificationOfAnotherReplicaIsBelieved) {
  Replica other({"--database-url", database_.url()});
  ASSERT_TRUE(OneClient(other.address()).Upsert(1, "n").ok());
  EXPECT_TRUE(
      Eventually([this] { return server_.Metric("journeyfeed_commit_notifications_received_total") > 0; }, 20s));
  EXPECT_EQ(server_.Metric("journeyfeed_commit_notifications_unverified_total"), 0);
}

// Locks of the feed, of a key, and of a row: the log names the holder.
TEST_F(Strangers, WhoHoldsALockThatWritesWaitForIsNamed) {
  ASSERT_TRUE(client_.Upsert(1, "n").ok());
  const std::string id = Key(1).id.ToString();
  int held = 0;
  for (const std::string& lock :
       {std::string("select pg_advisory_xact_lock(journeyfeed.feed_lock_class(), 1)"),
        "select pg_advisory_xact_lock(hashtextextended(concat_ws('/', 1::smallint, '" + id + "'::uuid), 1))",
        "select from journeyfeed.journey_run_session where id = '" + id + "' for update"}) {
    DatabaseConnection stranger(database_.url() + " application_name=stranger" + std::to_string(++held));
    const std::string pid = stranger.Execute("select pg_backend_pid()");
    stranger.Execute("begin");
    stranger.Execute(lock);
    const std::string named = "process " + pid + ", role postgres, application \\\"stranger" + std::to_string(held);
    EXPECT_TRUE(Eventually(
        [&] {
          EXPECT_EQ(client_.Upsert(1, "m").error_code(), grpc::StatusCode::UNAVAILABLE) << lock;
          return server_.process().log().find(named) != std::string::npos;
        },
        10s))
        << lock << '\n'
        << server_.process().log();
    EXPECT_GT(server_.Metric("journeyfeed_foreign_lock_seconds"), 0);
    stranger.Execute("rollback");
    EXPECT_TRUE(client_.Upsert(1, "m" + std::to_string(held)).ok()) << "writes go on at once";
  }
  EXPECT_TRUE(Eventually([this] { return server_.Metric("journeyfeed_foreign_lock_seconds") == 0; }, 20s));
}

TEST_F(Strangers, ADatabaseThatIsOpenToAllIsTold) {
  EXPECT_EQ(server_.Metric("journeyfeed_database_open_to_others"), 1);
  database_.Ask("do $$ begin execute format('revoke connect on database %I from public', current_database()); end $$");
  EXPECT_EQ(server_.Restart(), 0);
  EXPECT_EQ(server_.Metric("journeyfeed_database_open_to_others"), 0);
}

}  // namespace
}  // namespace journeyfeed::testing
