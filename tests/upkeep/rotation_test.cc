// A log's ranges end daily and are removed after the retention; positions and tokens across that.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "storage/postgres/schema/migrator.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"
#include "tests/upkeep/rotator.h"

namespace journeyfeed::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

class RotationTest : public ::testing::Test {
 protected:
  // Writes that many records and reads them. Returns the number of the last log row.
  std::int64_t Write(int count) {
    for (int i = 0; i < count; ++i) {
      ++written_;
      EXPECT_THAT(Short(writer_.Write(UpsertRow(Key(written_ % 40), "n" + std::to_string(written_)))),
                  ::testing::MatchesRegex("[CU].*"));
    }
    EXPECT_TRUE(reader_.ReadToHead());
    return reader_.position().seq;
  }
  // Compares every token that was ever issued with the floor: expired below it, valid from it on.
  int CountExpired() {
    int expired = 0;
    for (const RecordedMessage& message : reader_.feed().messages) {
      const auto page = reader_.Look(message.position);
      expired += page ? 0 : 1;
      EXPECT_THAT(
          CheckHonest({message.position, page ? std::nullopt : std::optional(page.error())}, rotator_.Removed()),
          IsEmpty());
    }
    return expired;
  }
  Problems CheckFresh() {
    PageReader fresh(database_);
    if (!fresh.PageSize(7).ReadToHead()) return {"the feed cannot be read"};
    return CheckFeed(fresh.feed(), database_.Final());
  }
  // The state of a consumer that read everything as it came.
  void ExpectFollowed() {
    ASSERT_TRUE(reader_.ReadToHead());
    EXPECT_EQ(Applied(reader_.feed()), database_.Final().table);
    EXPECT_THAT(CheckOrdered(reader_.feed()), IsEmpty());
    EXPECT_THAT(CheckUnique(reader_.feed()), IsEmpty());
  }

  FeedDatabase database_;
  WriteConnection writer_{database_};
  PageReader reader_{database_};
  Rotator rotator_{database_};
  int written_ = 0;
};

TEST_F(RotationTest, ARangeEndsWhenItsFirstChangeIsOfAnEarlierDay) {
  ASSERT_TRUE(rotator_.Round(1));
  EXPECT_EQ(rotator_.closed(), 0) << "nothing was written: nothing to end";
  EXPECT_EQ(Write(5), 5);
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(rotator_.closed(), 0) << "the same day";
  ASSERT_TRUE(rotator_.Round(1));
  ASSERT_TRUE(rotator_.Round(2));
  EXPECT_EQ(rotator_.closed(), 1) << "nothing was written since";
  EXPECT_EQ(Write(1), kWidth);
  EXPECT_EQ(rotator_.removed(), 0);
  ExpectFollowed();
  EXPECT_THAT(CheckFresh(), IsEmpty());
}

TEST_F(RotationTest, WhatIsOlderThanTheRetentionGoesAndNothingElse) {
  reader_.PageSize(3);
  ASSERT_TRUE(reader_.ReadToHead());  // its load is over: only changes follow
  const std::int64_t first = Write(20);
  ASSERT_TRUE(rotator_.Round(1));
  const std::int64_t second = Write(20);
  ASSERT_TRUE(rotator_.Round(2));
  Write(20);
  ASSERT_TRUE(rotator_.Round(6.9));
  EXPECT_EQ(rotator_.Removed(), 0);
  EXPECT_EQ(CountExpired(), 0);
  // All of them have the same real time; make each later one a day younger.
  for (const std::int64_t earlier : {first, second}) {
    database_.Tamper(
        "update journeyfeed.journey_run_session_log set logged_at = logged_at + interval '1 day' where seq > " +
        std::to_string(earlier));
  }
  ASSERT_TRUE(rotator_.Round(7.1));
  EXPECT_EQ(rotator_.Removed(), first);
  EXPECT_THAT(rotator_.Partitions(), StartsWith("1 2 3"));
  EXPECT_GT(CountExpired(), 5);
  ExpectFollowed();
  EXPECT_THAT(CheckFresh(), IsEmpty());
  ASSERT_TRUE(rotator_.Round(8.2));
  EXPECT_EQ(rotator_.Removed(), second);
  EXPECT_EQ(database_.Ask(
                "select count(*) from pg_class where relname ~ '_log_[01]$' and relkind = 'r' and relname ~ 'session'"),
            "0");
  EXPECT_EQ(rotator_.removed(), 2);
  ASSERT_TRUE(postgres::Maintain(database_.url()));
  Write(5);
  ExpectFollowed();
  EXPECT_THAT(CheckFresh(), IsEmpty());
}

// A consumer that read everything never expires, however short the retention and however long the pause.
TEST_F(RotationTest, WithoutRetentionEveryEndedRangeGoesAndAFollowerStaysAtTheFloor) {
  std::int64_t head = 0;
  for (int day = 1; day <= 4; ++day) {
    head = Write(10);
    ASSERT_TRUE(rotator_.Round(day, 0));
    ASSERT_TRUE(postgres::Maintain(database_.url()));
    EXPECT_EQ(rotator_.Removed(), head);
    ASSERT_TRUE(reader_.ReadToHead()) << reader_.error()->message;
    EXPECT_EQ(reader_.position().seq, head);
  }
  EXPECT_EQ(rotator_.removed(), 4);
  EXPECT_EQ(database_.Final().log.size(), 0U) << "an empty log";
  EXPECT_GT(CountExpired(), 0);
  EXPECT_THAT(CheckFresh(), IsEmpty());
  Write(3);
  ExpectFollowed();
}

// A batch has drawn the last number of a full range and is not committed: the contents of the range are unknown yet.
TEST_F(RotationTest, TheFloorWaitsForNumbersThatAreDrawnAndNotCommitted) {
  Write(5);
  database_.Tamper("update journeyfeed.journey_run_session_log set logged_at = logged_at - interval '8 days'");
  database_.Ask("select setval('journeyfeed.journey_run_session_log_seq', " + std::to_string(kWidth - 2) + ")");
  WriteConnection held(database_);
  ASSERT_EQ(held.Execute("begin"), "");
  ASSERT_THAT(Short(held.Write(CreateRow(Key(100), "the last of its range"))), StartsWith("C"));
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(rotator_.Removed(), 0);
  ASSERT_EQ(held.Execute("commit"), "");
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(rotator_.Removed(), 0) << "its newest change is of today";
  ExpectFollowed();
  EXPECT_THAT(CheckFresh(), IsEmpty());
}

// Ranges that were never written: a new history jumps over those that were made ahead.
TEST_F(RotationTest, EmptyRangesBehindTheSequenceGo) {
  Write(3);
  database_.Ask("select journeyfeed.open_history(1::smallint, true)");
  ASSERT_TRUE(rotator_.Round(7.5));
  EXPECT_EQ(rotator_.removed(), 4);
  EXPECT_EQ(rotator_.Removed(), 3);
  EXPECT_GT(Write(1), 1LL << 32);
  ExpectFollowed();
  EXPECT_THAT(CheckFresh(), IsEmpty());
}

TEST_F(RotationTest, APartitionIsOnlyMadeWhenItIsMissingAndWithoutTheFeedLock) {
  LockHolder holder(database_);
  holder.TakeFeed();
  EXPECT_EQ(database_.Ask("select journeyfeed.make_log_partitions(1::smallint)"), "0");
  database_.Ask("select setval('journeyfeed.journey_run_session_log_seq', " + std::to_string(kWidth) + ")");
  EXPECT_EQ(database_.Ask("set lock_timeout = '5s'; select journeyfeed.make_log_partitions(1::smallint)"), "1");
  EXPECT_EQ(rotator_.Partitions(), "0 1 2 3 4");
}

// As many replicas as exist try at once.
TEST_F(RotationTest, SeveralServersDoItOnceTogether) {
  for (int day = 1; day <= 3; ++day) {
    Write(5);
    ASSERT_TRUE(rotator_.Round(day));
  }
  std::atomic<int> well = 0, dropped = 0;
  std::vector<std::jthread> servers;
  for (int i = 0; i < 6; ++i) {
    servers.emplace_back([&] {
      Rotator rotator(database_);
      for (int round = 0; round < 5; ++round) well += rotator.Round(20) ? 1 : 0;
      dropped += static_cast<int>(rotator.removed());
    });
  }
  const std::int64_t head = Write(30);
  servers.clear();
  EXPECT_EQ(well, 30);
  EXPECT_TRUE(
      Eventually([this] { return database_.Ask("select count(*) from pg_locks where locktype = 'advisory'") == "0"; }));
  ASSERT_TRUE(rotator_.Round(20));
  EXPECT_GE(dropped + rotator_.removed(), 3);
  EXPECT_LE(rotator_.Removed(), head);
  ASSERT_TRUE(postgres::Maintain(database_.url()));
  Write(5);
  ExpectFollowed();
  EXPECT_THAT(CheckFresh(), IsEmpty());
}

}  // namespace
}  // namespace journeyfeed::testing
