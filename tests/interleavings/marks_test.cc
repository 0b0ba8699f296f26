// Marks (docs/interleavings.md 6): where calls end, what a consistent token is, and when changes of one record merge.
#include <gmock/gmock.h>

#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "3U!" for a delivered change at 3 that ends a call, "-" for a deletion; a message in brackets with its own marks: "!"
// call end, "=" consistent.
std::string Told(const RecordedMessage& message) {
  std::string text = "[";
  for (const RecordedChange& change : message.changes) {
    text += (change.removed ? "-" : "") + std::to_string(change.seq) + (change.call_end ? "! " : " ");
  }
  return text + "]" + (message.call_end ? "!" : "") + (message.consistent ? "=" : "");
}

class MarksTest : public ::testing::Test {
 protected:
  std::vector<std::string> Pages(std::int32_t size) {
    PageReader reader(database_, start_.position());
    EXPECT_TRUE(reader.PageSize(size).ReadToHead());
    const FinalState final = database_.Final();
    EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
    EXPECT_THAT(ResumeFromEveryToken(database_, reader.feed(), final, size), IsEmpty());
    std::vector<std::string> told;
    for (const RecordedMessage& message : reader.feed().messages) told.push_back(Told(message));
    told.pop_back();  // the read that found nothing
    return told;
  }
  void SetUp() override { ASSERT_TRUE(start_.ReadToHead()); }

  FeedDatabase database_;
  WriteConnection writer_{database_};
  PageReader start_{database_};
};

TEST_F(MarksTest, EachCallOfABatchEndsForItself) {
  writer_.Write({CallOf({CreateRow(Key(1), "a"), CreateRow(Key(2), "a")}), CallOf(CreateRow(Key(3), "b")),
                 CallOf({CreateRow(Key(4), "c"), UpdateRow(Key(9), "no such")})});
  EXPECT_THAT(Pages(10), ElementsAre("[1 2! 3! 4! ]!="));
  EXPECT_THAT(Pages(1), ElementsAre("[1 ]", "[2! ]!", "[3! ]!", "[4! ]!="));
}

// The row that ends a call was superseded: its mark stays at its position.
TEST_F(MarksTest, TheMarkOfASupersededRowStays) {
  writer_.Write({CallOf({CreateRow(Key(1), "a"), CreateRow(Key(2), "a")})});  // 1 2!
  writer_.Write(UpdateRow(Key(2), "b"));                                      // 3!
  EXPECT_THAT(Pages(10), ElementsAre("[1! 3! ]!="));
  EXPECT_THAT(Pages(1), ElementsAre("[1 ]", "[]!", "[3! ]!="));
}

// Later calls supersede rows of earlier ones. Some page still reports the end of each call, between two changes.
TEST_F(MarksTest, EndsAreToldWhateverIsShown) {
  for (int i = 0; i < 60; ++i) {
    std::vector<WriteRow> rows;
    for (int k = 0; k <= i % 4; ++k) rows.push_back(UpsertRow(Key((i * 5 + k * 3) % 23), "n" + std::to_string(i)));
    writer_.Write({CallOf(std::move(rows))});
    if (i % 7 == 6) writer_.Write(DeleteRow(Key(i % 23)));
  }
  for (const std::int32_t size : {1, 2, 3, 5, 1000}) EXPECT_THAT(Pages(size), ::testing::Not(IsEmpty()));
}

// T1 {A, B}, T2 {A}: after T1's mark a consumer that catches up has the new A and the old B. The mark says that a call
// ended, but not that this is a state of the database.
TEST_F(MarksTest, CatchingUpIsConsistentOnlyWhereNothingLaterShowed) {
  writer_.Write({CallOf({CreateRow(Key(1), "a"), CreateRow(Key(2), "a")})});
  writer_.Write({CallOf({UpdateRow(Key(1), "t1"), UpdateRow(Key(2), "t1")})});
  writer_.Write(UpdateRow(Key(1), "t2"));
  EXPECT_THAT(Pages(2), ElementsAre("[]!", "[4! ]!", "[5! ]!="));
  EXPECT_THAT(Pages(3), ElementsAre("[]", "[4! 5! ]!="));
}

TEST_F(MarksTest, DeletionAndCreationInTwoCalls) {
  writer_.Write(CreateRow(Key(1), "a"));
  writer_.Write(DeleteRow(Key(1)));
  EXPECT_THAT(Pages(1), ElementsAre("[]!", "[-2! ]!="));
  writer_.Write(CreateRow(Key(1), "again"));
  EXPECT_THAT(Pages(1), ElementsAre("[]!", "[]!", "[3! ]!="));
  EXPECT_THAT(Pages(2), ElementsAre("[]!", "[3! ]!="));
}

// The deletion of the expired record belongs to the call that creates it again: no mark between them.
TEST_F(MarksTest, AnExpiredRecordIsReplacedWithinOneCall) {
  writer_.Write(CreateRow(Key(1), "a", 3600));
  PageReader before(database_);
  ASSERT_TRUE(before.ReadToHead());
  database_.Tamper("update journeyfeed.journey_run_session set expires_at = clock_timestamp() - interval '1 second'");
  writer_.Write({CallOf({CreateRow(Key(2), "b"), CreateRow(Key(1), "c")})});
  EXPECT_THAT(Pages(1), ElementsAre("[]!", "[2 ]", "[]", "[4! ]!="));
  ASSERT_TRUE(before.ReadToHead());
  EXPECT_THAT(CheckFeed(before.feed(), database_.Final()), IsEmpty());
}

// No page shows an expired record whose deletion is not logged yet, and no mark is lost.
TEST_F(MarksTest, AnExpiredRecordIsNotShown) {
  writer_.Write({CallOf({CreateRow(Key(1), "a", 3600), CreateRow(Key(2), "b")}), CallOf(CreateRow(Key(3), "c", 3600))});
  database_.Tamper(
      "update journeyfeed.journey_run_session set expires_at = clock_timestamp() - interval '1 second'"
      " where expires_at is not null");
  EXPECT_THAT(Pages(10), ElementsAre("[2! ]!="));
  EXPECT_THAT(Pages(1), ElementsAre("[]", "[2! ]!")) << "the third page is the one that finds nothing";
}

// Consistent tokens under writes are states that the log went through: the checks replay it at each of them.
TEST_F(MarksTest, ConsistentTokensUnderWritesAreStatesOfTheDatabase) {
  PageReader reader(database_);
  reader.PageSize(4);
  int consistent = 0, other = 0;
  for (int i = 0; i < 150; ++i) {
    std::vector<WriteRequest> calls;
    calls.push_back(CallOf({UpsertRow(Key(i % 5), "x" + std::to_string(i)), UpsertRow(Key(5 + i % 3), "y")}));
    if (i % 4 == 0) calls.push_back(CallOf(DeleteRow(Key(8 + i % 2))));
    if (i % 4 == 1) calls.push_back(CallOf(UpsertRow(Key(8 + i % 2), "z")));
    writer_.Write(calls);
    for (int pages = i % 3; pages > 0; --pages) {
      ASSERT_TRUE(reader.Step());
      ++(reader.feed().messages.back().consistent ? consistent : other);
    }
  }
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_GT(consistent, 5);
  EXPECT_GT(other, 5);
  const FinalState final = database_.Final();
  EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
  EXPECT_THAT(ResumeFromEveryToken(database_, reader.feed(), final, 9), IsEmpty());
}

}  // namespace
}  // namespace journeyfeed::testing
