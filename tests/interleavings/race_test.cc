// Races of two or three connections on the same keys (docs/interleavings.md 2), one held inside its transaction while
// the others arrive.
#include <gmock/gmock.h>

#include <thread>

#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class RaceTest : public ::testing::Test {
 protected:
  void TearDown() override {
    PageReader reader(database_);
    ASSERT_TRUE(reader.PageSize(2).ReadToHead());
    EXPECT_THAT(CheckFeed(reader.feed(), database_.Final()), IsEmpty());
  }

  // A does `first` in a transaction that stays open, B arrives with `second` and waits, A ends with `end`.
  std::string Race(WriteRow first, WriteRow second, const std::string& end) {
    EXPECT_EQ(a_.Execute("begin"), "");
    EXPECT_NE(Short(a_.Write(std::move(first))).size(), 1U);
    b_.Start(std::move(second));
    EXPECT_TRUE(b_.Running());
    EXPECT_EQ(a_.Execute(end), "");
    return Short(b_.Finish().front());
  }

  FeedDatabase database_;
  WriteConnection a_{database_}, b_{database_}, c_{database_};
};

TEST_F(RaceTest, CreateWhileADeletionIsInFlight) {
  ASSERT_EQ(Short(a_.Write(CreateRow(Key(1), "a"))), "C1");
  EXPECT_EQ(Race(DeleteRow(Key(1)), CreateRow(Key(1), "b"), "rollback"), "X");
  EXPECT_THAT(Race(DeleteRow(Key(1)), CreateRow(Key(1), "b"), "commit"), StartsWith("C"));
}

TEST_F(RaceTest, UpdateWhileADeletionIsInFlight) {
  ASSERT_EQ(Short(a_.Write(CreateRow(Key(1), "a"))), "C1");
  EXPECT_THAT(Race(DeleteRow(Key(1)), UpdateRow(Key(1), "b"), "rollback"), StartsWith("U"));
  EXPECT_EQ(Race(DeleteRow(Key(1)), UpdateRow(Key(1), "b"), "commit"), "N");
}

TEST_F(RaceTest, UpsertWhileADeletionIsInFlight) {
  ASSERT_EQ(Short(a_.Write(CreateRow(Key(1), "a"))), "C1");
  EXPECT_THAT(Race(DeleteRow(Key(1)), UpsertRow(Key(1), "b"), "rollback"), StartsWith("U"));
  EXPECT_THAT(Race(DeleteRow(Key(1)), UpsertRow(Key(1), "b"), "commit"), StartsWith("C"));
}

TEST_F(RaceTest, TwoUpsertsOfOneNewKey) {
  EXPECT_THAT(Race(UpsertRow(Key(1), "a"), UpsertRow(Key(1), "b"), "commit"), StartsWith("U"));
  EXPECT_THAT(Race(UpsertRow(Key(2), "a"), UpsertRow(Key(2), "b"), "rollback"), StartsWith("C"));
}

TEST_F(RaceTest, TwoCreatesAndTwoDeletesOfOneKey) {
  EXPECT_EQ(Race(CreateRow(Key(1), "a"), CreateRow(Key(1), "b"), "commit"), "X");
  EXPECT_EQ(Race(DeleteRow(Key(1)), DeleteRow(Key(1)), "commit"), "N");
}

// Two writers that both know the same version: one wins.
TEST_F(RaceTest, IfMatchNeverLetsTwoWritersWin) {
  ASSERT_EQ(Short(a_.Write(CreateRow(Key(1), "a"))), "C1");
  WriteRow first = UpdateRow(Key(1), "first"), second = UpdateRow(Key(1), "second");
  first.if_match = second.if_match = 1;
  EXPECT_EQ(Race(first, second, "commit"), "V");
  second.if_match = 2;
  EXPECT_THAT(Race(first = UpdateRow(Key(1), "third"), second, "rollback"), StartsWith("U"));
}

// Both deadlock if rows are locked in order instead of keys (docs/interleavings.md 2.1, 2.2). A third connection's lock
// holds both until they have collided.
TEST_F(RaceTest, KeysInOppositeOrderDoNotDeadlock) {
  LockHolder holder(database_);
  const auto call = [](WriteRow x, WriteRow y) {
    std::vector<WriteRequest> calls;
    calls.push_back(CallOf({std::move(x), std::move(y)}));
    return calls;
  };
  holder.TakeKey(Key(3));
  a_.Start(call(CreateRow(Key(3), "a"), UpsertRow(Key(5), "a")));
  b_.Start(call(UpsertRow(Key(5), "b"), CreateRow(Key(3), "b")));
  c_.Start(UpdateRow(Key(5), "c"));
  holder.ReleaseKey(Key(3));
  const Outcomes a = a_.Finish(), b = b_.Finish();
  c_.Finish();
  EXPECT_TRUE(a.front().has_value() && b.front().has_value());
  EXPECT_NE(Short(a.front(), 0), Short(b.front(), 1)) << "one of them created it";
  holder.TakeKey(Key(9));
  a_.Start(call(CreateRow(Key(9), "a"), UpsertRow(Key(1), "a")));
  b_.Start(call(CreateRow(Key(1), "b"), UpsertRow(Key(9), "b")));
  holder.ReleaseKey(Key(9));
  EXPECT_TRUE(a_.Finish().front().has_value());
  EXPECT_TRUE(b_.Finish().front().has_value());
}

TEST_F(RaceTest, ManyOppositeOrdersNeverDeadlock) {
  std::vector<std::jthread> threads;
  std::atomic<int> failed = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      WriteConnection session(database_);
      for (int i = 0; i < 60; ++i) {
        std::vector<WriteRow> rows;
        for (int k = 0; k < 8; ++k) rows.push_back(UpsertRow(Key(t % 2 == 0 ? k : 7 - k), "t"));
        std::vector<WriteRequest> calls;
        calls.push_back(CallOf(std::move(rows)));
        failed += session.Write(calls).front() ? 0 : 1;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(failed, 0);
}

TEST_F(RaceTest, AnExpiredRowIsAbsentAndItsDeletionIsLoggedFirst) {
  ASSERT_EQ(Short(a_.Write(CreateRow(Key(1), "old", 3600))), "C1");
  ASSERT_EQ(Short(a_.Write(CreateRow(Key(2), "old", 3600))), "C2");
  database_.Tamper("update journeyfeed.journey_run_session set expires_at = clock_timestamp() - interval '1 second'");
  EXPECT_EQ(Short(a_.Write(UpdateRow(Key(1), "new"))), "N");
  EXPECT_EQ(Short(a_.Write(DeleteRow(Key(1)))), "N");
  EXPECT_EQ(Short(a_.Write(CreateRow(Key(1), "new"))), "C4");
  EXPECT_EQ(Short(a_.Write(UpsertRow(Key(2), "new"))), "C6");
  const FinalState final = database_.Final();
  std::vector<std::string> log;
  for (const LogRow& row : final.log) {
    log.push_back((row.message == 4 ? "D" : "C") + std::to_string(row.version) + (row.call_end ? "!" : ""));
  }
  EXPECT_THAT(log, ElementsAre("C1!", "C2!", "D3", "C4!", "D5", "C6!"));
}

// Renewed while the reaper was on its way: its deletion names the version that it read.
TEST_F(RaceTest, ADeletionThatNamesAVersionSparesARenewedRow) {
  ASSERT_EQ(Short(a_.Write(CreateRow(Key(1), "a", 3600))), "C1");
  WriteRow reap = DeleteRow(Key(1));
  reap.if_match = 1;
  EXPECT_EQ(Race(UpdateRow(Key(1), "renewed"), reap, "commit"), "V");
}

}  // namespace
}  // namespace journeyfeed::testing
