// The log's partitions and sequences at their limits: a missing range, a sequence behind its log, a floor
// (docs/interleavings.md 7 and 5.6).
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::int64_t kWidth = 16777216;
constexpr std::int64_t kMade = 4 * kWidth;  // the first number without a partition

class PartitionTest : public ::testing::Test {
 protected:
  void SetSequence(std::int64_t last) {
    database_.Ask("select setval('journeyfeed.journey_run_session_log_seq', " + std::to_string(last) + ")");
  }
  // Drops the first range like retention: floor first.
  void DropFirstRange() {
    database_.Ask(
        "update journeyfeed.feed_floor f set removed = l.seq, removed_nonce = l.nonce from "
        "journeyfeed.journey_run_session_log l"
        " where f.entity = 1 and l.seq = (select max(seq) from journeyfeed.journey_run_session_log where seq < " +
        std::to_string(kWidth) + ")");
    database_.Ask(
        "alter table journeyfeed.journey_run_session_log detach partition journeyfeed.journey_run_session_log_0 "
        "concurrently");
    database_.Ask("drop table journeyfeed.journey_run_session_log_0");
  }
  // Writers that all cross the end at once. Returns how many writes were acknowledged.
  int WriteFromManySessions(int sessions, int each) {
    std::atomic<int> acknowledged = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < sessions; ++t) {
      threads.emplace_back([&, t] {
        WriteConnection session(database_);
        for (int i = 0; i < each; ++i) {
          std::vector<WriteRequest> calls;
          for (int k = 0; k < 3; ++k)
            calls.push_back(CallOf(UpsertRow(Key(t * 10 + (i + k) % 7), "t" + std::to_string(i))));
          for (const Outcome& outcome : session.Write(calls)) acknowledged += outcome ? 1 : 0;
        }
      });
    }
    threads.clear();
    return acknowledged;
  }

  FeedDatabase database_;
  WriteConnection writer_{database_};
};

TEST_F(PartitionTest, AMissingRangeIsMadeAndNothingIsLost) {
  ASSERT_THAT(Short(writer_.Write(CreateRow(Key(99), "before"))), StartsWith("C"));
  PageReader reader(database_);
  ASSERT_TRUE(reader.PageSize(20).ReadToHead());
  SetSequence(kMade - 40);
  EXPECT_EQ(WriteFromManySessions(4, 25), 300);
  const FinalState final = database_.Final();
  EXPECT_EQ(final.log.size(), 301U);
  EXPECT_GT(final.log.back().seq, kMade + 200);
  EXPECT_EQ(database_.Ask("select count(*) from journeyfeed.feed_history where entity = 1"), "1");
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
  EXPECT_THAT(ResumeFromEveryToken(database_, reader.feed(), final, 50), IsEmpty());
}

TEST_F(PartitionTest, ASequenceBehindItsLogOpensANewHistoryAndTokensGoOn) {
  EXPECT_EQ(WriteFromManySessions(2, 20), 120);
  PageReader reader(database_);
  ASSERT_TRUE(reader.PageSize(7).ReadToHead());
  SetSequence(3);
  EXPECT_EQ(WriteFromManySessions(4, 10), 120);
  EXPECT_NE(database_.Ask("select count(*) from journeyfeed.feed_history where entity = 1"), "1");
  ASSERT_TRUE(reader.ReadToHead()) << reader.error()->message;
  const FinalState final = database_.Final();
  EXPECT_EQ(final.log.size(), 240U);
  EXPECT_GT(final.log.back().seq, 1LL << 32);
  EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
  EXPECT_THAT(ResumeFromEveryToken(database_, reader.feed(), final, 50), IsEmpty());
}

// The next number equals the head's.
TEST_F(PartitionTest, ASequenceThatWouldRepeatTheHeadOpensANewHistoryToo) {
  ASSERT_EQ(Short(writer_.Write(CreateRow(Key(1), "a"))), "C1");
  database_.Ask("select setval('journeyfeed.journey_run_session_log_seq', 1, false)");
  EXPECT_THAT(Short(writer_.Write(UpdateRow(Key(1), "b"))), StartsWith("U"));
  EXPECT_GT(database_.Final().log.back().seq, 1LL << 32);
}

// The state after a logical copy: no sequence was copied. Versions must not fall either.
TEST_F(PartitionTest, BothSequencesBehindAndManyWriters) {
  EXPECT_EQ(WriteFromManySessions(2, 20), 120);
  PageReader reader(database_);
  ASSERT_TRUE(reader.PageSize(7).ReadToHead());
  SetSequence(1);
  database_.Ask("select setval('journeyfeed.journey_run_session_version_seq', 1)");
  EXPECT_EQ(WriteFromManySessions(6, 10), 180);
  ASSERT_TRUE(reader.ReadToHead()) << reader.error()->message;
  EXPECT_THAT(CheckFeed(reader.feed(), database_.Final()), IsEmpty());
}

// A history that was opened knows both sides of its fork.
TEST_F(PartitionTest, TokensAreJudgedByTheForkAfterANewHistory) {
  EXPECT_EQ(WriteFromManySessions(1, 10), 30);
  PageReader reader(database_);
  ASSERT_TRUE(reader.PageSize(4).ReadToHead());
  const postgres::Position last = reader.position();
  SetSequence(1);
  ASSERT_THAT(Short(writer_.Write(UpsertRow(Key(1), "after"))), StartsWith("U"));
  for (const std::int64_t beyond : {0, 1, 5}) {
    postgres::Position token = last;
    token.high_water += beyond;
    token.seq += beyond;
    const auto page = reader.Look(token);
    const Refusal refusal{token, page ? std::nullopt : std::optional(page.error())};
    EXPECT_THAT(CheckHonest(refusal, 0, last.seq), IsEmpty());
  }
}

TEST_F(PartitionTest, BelowTheFloorATokenIsExpiredAtItNot) {
  PageReader reader(database_);
  ASSERT_TRUE(reader.PageSize(1).ReadToHead());
  EXPECT_EQ(WriteFromManySessions(1, 10), 30);
  ASSERT_TRUE(reader.ReadToHead());
  SetSequence(kWidth - 1);
  EXPECT_EQ(WriteFromManySessions(1, 4), 12);
  ASSERT_TRUE(reader.ReadToHead());
  DropFirstRange();
  const std::int64_t removed = 30;
  int expired = 0;
  for (const RecordedMessage& message : reader.feed().messages) {
    const auto page = reader.Look(message.position);
    expired += page ? 0 : 1;
    EXPECT_THAT(CheckHonest({message.position, page ? std::nullopt : std::optional(page.error())}, removed), IsEmpty());
  }
  EXPECT_GT(expired, 20);
  PageReader fresh(database_);
  ASSERT_TRUE(fresh.PageSize(5).ReadToHead());
  EXPECT_THAT(CheckFeed(fresh.feed(), database_.Final()), IsEmpty());
}

// A dropped range is never made again: a write there would be acknowledged and never delivered.
TEST_F(PartitionTest, ASequenceBelowTheFloorNeverMakesTheDroppedRangeAgain) {
  for (const bool empty : {false, true}) {
    FeedDatabase database;
    WriteConnection writer(database);
    ASSERT_THAT(Short(writer.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
    database.Ask("select setval('journeyfeed.journey_run_session_log_seq', " + std::to_string(kWidth - 1) + ")");
    if (!empty) {
      ASSERT_THAT(Short(writer.Write(CreateRow(Key(2), "b"))), StartsWith("C"));
    }
    database.Ask(
        "update journeyfeed.feed_floor set removed = 1, removed_nonce = (select nonce from "
        "journeyfeed.journey_run_session_log where seq = 1) where entity = 1");
    database.Ask(
        "alter table journeyfeed.journey_run_session_log detach partition journeyfeed.journey_run_session_log_0 "
        "concurrently");
    database.Ask("drop table journeyfeed.journey_run_session_log_0");
    if (empty)
      database.Ask("update journeyfeed.feed_floor set removed = " + std::to_string(kWidth - 1) + " where entity = 1");
    PageReader reader(database);
    ASSERT_TRUE(reader.ReadToHead());
    database.Ask("select setval('journeyfeed.journey_run_session_log_seq', 10)");
    EXPECT_THAT(Short(writer.Write(UpsertRow(Key(1), "after"))), StartsWith("U"))
        << (empty ? "empty log" : "log with rows");
    EXPECT_EQ(database.Ask("select to_regclass('journeyfeed.journey_run_session_log_0')"), "");
    ASSERT_TRUE(reader.ReadToHead()) << reader.error()->message;
    EXPECT_THAT(CheckFeed(reader.feed(), database.Final()), IsEmpty());
  }
}

}  // namespace
}  // namespace journeyfeed::testing
