// Rotation is interrupted at each of its steps: PostgreSQL or the server is killed, and the next round continues.
#include <gmock/gmock.h>
#include <signal.h>

#include <thread>

#include "storage/postgres/schema/migrator.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/server_process.h"
#include "tests/support/write_connection.h"
#include "tests/upkeep/rotator.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kNextStep =
    "select journeyfeed.next_log_removal(1::smallint, '0 days', clock_timestamp() + interval '1 day')";

class RotationCrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteConnection writer(database_);
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(writer.Write(UpsertRow(Key(i % 11), "n" + std::to_string(i))));
    PageReader reader(database_);
    ASSERT_TRUE(reader.PageSize(10).ReadToHead());
    head_ = reader.position().seq;
    at_head_ = reader.position();
    copy_ = Applied(reader.feed());
  }
  // PostgreSQL is killed and restarted. A follower that read everything continues, a new one loads, and writes succeed.
  void Crash() {
    postgres_.Kill9();
    postgres_.Start();
  }
  void ExpectWellAndGone() {
    Rotator rotator(database_);
    ASSERT_TRUE(rotator.Round(1, 0));
    EXPECT_EQ(rotator.Removed(), head_);
    EXPECT_THAT(rotator.Partitions(), StartsWith("1 2 3"));
    EXPECT_EQ(database_.Ask("select to_regclass('journeyfeed.journey_run_session_log_0')"), "");
    ASSERT_TRUE(postgres::Maintain(database_.url()));
    WriteConnection writer(database_);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(writer.Write(UpsertRow(Key(i % 7), "after")));
    const FinalState final = database_.Final();
    EXPECT_GE(final.log.front().seq, kWidth);
    PageReader follower(database_, at_head_, copy_);
    ASSERT_TRUE(follower.ReadToHead()) << follower.error()->message;
    EXPECT_THAT(CheckFeed(follower.feed(), final), IsEmpty());
    PageReader fresh(database_);
    ASSERT_TRUE(fresh.ReadToHead());
    EXPECT_THAT(CheckFeed(fresh.feed(), final), IsEmpty());
  }

  TestPostgres postgres_;
  FeedDatabase database_{postgres_};
  std::int64_t head_ = 0;
  postgres::Position at_head_;
  Copy copy_;
};

TEST_F(RotationCrashTest, AfterTheRangeWasEnded) {
  EXPECT_EQ(database_.Ask("select journeyfeed.close_log_partition(1::smallint, clock_timestamp() + interval '1 day')"),
            "t");
  Crash();
  ExpectWellAndGone();
}

TEST_F(RotationCrashTest, AfterTheFloorWasRaised) {
  database_.Ask("select journeyfeed.close_log_partition(1::smallint, clock_timestamp() + interval '1 day')");
  EXPECT_THAT(database_.Ask(kNextStep),
              ::testing::EndsWith("detach partition journeyfeed.journey_run_session_log_0 concurrently"));
  Crash();
  EXPECT_EQ(database_.Final().removed, head_);
  ExpectWellAndGone();
}

TEST_F(RotationCrashTest, InTheMiddleOfTheDetachment) {
  Rotator rotator(database_);
  ASSERT_TRUE(rotator.Round(1));
  {
    OpenReader reader(database_);
    std::jthread detaching([&] { rotator.Round(1, 0); });
    ASSERT_TRUE(Eventually([&] { return rotator.Partitions().starts_with("0!"); }));
    Crash();
  }
  EXPECT_THAT(rotator.Partitions(), StartsWith("0!"));
  EXPECT_THAT(database_.Ask(kNextStep), ::testing::EndsWith("finalize"));
  ExpectWellAndGone();
}

TEST_F(RotationCrashTest, BeforeTheDetachedTableIsDropped) {
  Rotator rotator(database_);
  ASSERT_TRUE(rotator.Round(1));
  database_.Ask(database_.Ask(kNextStep));
  Crash();
  EXPECT_THAT(database_.Ask(kNextStep), StartsWith("drop table"));
  ExpectWellAndGone();
}

// The working server is killed while it waits for a reader; its successor continues, with the real clock.
TEST_F(RotationCrashTest, TheServerIsKilledInTheMiddleOfIt) {
  Rotator rotator(database_);
  ASSERT_TRUE(rotator.Round(1));
  database_.Tamper("update journeyfeed.journey_run_session_log set logged_at = logged_at - interval '8 days'");
  OpenReader reader(database_);
  const std::vector<std::string> arguments = {"--database-url", database_.url(), "--upkeep-interval", "1s"};
  {
    ServerProcess first(arguments);
    ASSERT_TRUE(Eventually([&] { return rotator.Partitions().starts_with("0!"); }, 30s)) << first.log();
    first.Kill9();
  }
  ServerProcess second(arguments);
  reader.End();
  ASSERT_TRUE(Eventually(
      [&] { return database_.Ask("select to_regclass('journeyfeed.journey_run_session_log_0')").empty(); }, 30s))
      << second.log();
  ExpectWellAndGone();
}

}  // namespace
}  // namespace journeyfeed::testing
