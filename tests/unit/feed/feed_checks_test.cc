// Checks that cannot fail are worthless: each one gets a stream that breaks its promise, and one that keeps all
// promises.
#include "tests/support/feed_checks.h"

#include <gmock/gmock.h>

#include "storage/types.h"

namespace journeyfeed::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kCreate = 1, kUpdate = 2, kDelete = 4;

RecordKey K(int number) { return {.id = Uuid::FromName(std::to_string(number))}; }

LogRow Logged(std::int64_t seq, int key, std::int64_t version, int message, bool call_end = true) {
  return {.seq = seq,
          .nonce = seq * 7,
          .version = version,
          .key = K(key),
          .message = message,
          .call_end = call_end,
          .call = Uuid::FromName("call of " + std::to_string(seq))};
}

RecordedChange Changed(std::int64_t seq, int key, std::int64_t version, bool removed = false, bool call_end = true) {
  return {.key = K(key),
          .version = version,
          .seq = seq,
          .removed = removed,
          .call_end = call_end,
          .content = removed ? "" : "v" + std::to_string(version)};
}

postgres::Position At(std::int64_t seq, std::int64_t high_water) {
  return {.history = 5, .timeline = 1, .seq = seq, .high_water = high_water, .high_water_nonce = high_water * 7};
}

postgres::Position Loading(std::int64_t start, std::int64_t high_water, std::uint32_t block) {
  postgres::Position position = At(start, high_water);
  position.load = postgres::LoadPosition{.block = block, .end_block = 9, .file_node = 77, .system_identifier = 3};
  return position;
}

RecordedMessage Message(std::vector<RecordedChange> changes, postgres::Position position, bool call_end = true) {
  const bool consistent = position.consistent();
  return {.changes = std::move(changes), .consistent = consistent, .call_end = call_end, .position = position};
}

RecordedMessage Load(std::vector<std::pair<int, int>> rows, postgres::Position position) {
  RecordedMessage message{.initial_load = true, .consistent = position.consistent(), .position = position};
  for (const auto& [key, version] : rows) {
    message.changes.push_back({.key = K(key), .version = version, .content = "v" + std::to_string(version)});
  }
  return message;
}

// A good run. Log: 1 C1, 2 C2, 3 U1 (call of 3 and 4 together), 4 D2, 5 C2. A load at head 2 sees 1 and 2 while 3 is
// committed; then the changes follow.
class FeedChecksTest : public ::testing::Test {
 protected:
  FeedChecksTest() {
    final_.log = {Logged(1, 1, 11, kCreate), Logged(2, 2, 12, kCreate), Logged(3, 1, 13, kUpdate, false),
                  Logged(4, 2, 14, kDelete), Logged(5, 2, 15, kCreate)};
    final_.log[2].call = final_.log[3].call;
    final_.table = {{K(1), {13, "v13"}}, {K(2), {15, "v15"}}};
    feed_.messages = {Load({{1, 11}}, Loading(2, 2, 1)), Load({{2, 12}, {1, 13}}, At(2, 4)),
                      Message({Changed(3, 1, 13, false, false)}, At(3, 4), false),
                      Message({Changed(4, 2, 14, true)}, At(4, 4)), Message({Changed(5, 2, 15)}, At(5, 5))};
  }
  FinalState final_;
  RecordedFeed feed_;
};

TEST_F(FeedChecksTest, AGoodStreamHasNoProblem) {
  EXPECT_THAT(CheckFeed(feed_, final_), IsEmpty());
  RecordedFeed rest{.from = feed_.messages[2].position,
                    .messages = {Message({Changed(4, 2, 14, true), Changed(5, 2, 15)}, At(5, 5))}};
  EXPECT_THAT(CheckResumable(feed_, 2, rest, final_), IsEmpty());
}

TEST_F(FeedChecksTest, OrderedSeesATokenThatFalls) {
  feed_.messages[3].position.seq = 2;
  EXPECT_THAT(CheckOrdered(feed_), Contains(AllOf(StartsWith("ordered"), HasSubstr("falls"))));
}

TEST_F(FeedChecksTest, OrderedSeesAHighWaterThatFalls) {
  feed_.messages[3].position.high_water = 3;
  EXPECT_THAT(CheckOrdered(feed_), Contains(HasSubstr("high water")));
}

TEST_F(FeedChecksTest, OrderedSeesAVersionThatFallsAcrossDeleteAndCreate) {
  feed_.messages[4].changes[0].version = 10;
  EXPECT_THAT(CheckOrdered(feed_), Contains(HasSubstr("version does not rise")));
}

TEST_F(FeedChecksTest, OrderedSeesAVersionThatFallsWithinTheLoad) {
  feed_.messages[1].changes[1].version = 9;
  EXPECT_THAT(CheckOrdered(feed_), Contains(HasSubstr("within the load")));
}

TEST_F(FeedChecksTest, OrderedSeesAChangeAboveTheHighWaterOfTheLoadThatIsOlderThanTheLoad) {
  feed_.messages[1].changes[0].version = 16;
  EXPECT_THAT(CheckOrdered(feed_), Contains(HasSubstr("above the load's high water")));
}

TEST_F(FeedChecksTest, OrderedSeesALoadThatStepsBack) {
  feed_.messages.insert(feed_.messages.begin() + 1, Load({}, Loading(2, 3, 0)));
  EXPECT_THAT(CheckOrdered(feed_), Contains(HasSubstr("steps back")));
}

TEST_F(FeedChecksTest, ReliableSeesASkippedRow) {
  feed_.messages[4].changes.clear();
  EXPECT_THAT(CheckReliable(feed_, final_), Contains(AllOf(StartsWith("reliable"), HasSubstr("skipped"))));
}

TEST_F(FeedChecksTest, ReliableAcceptsASupersededRowOnlyWithinTheHighWater) {
  feed_.messages[3].changes.clear();  // the deletion, which 5 reverts
  EXPECT_THAT(CheckReliable(feed_, final_), Contains(HasSubstr("skipped")));
  feed_.messages[3].position.high_water = feed_.messages[4].position.high_water = 5;
  EXPECT_THAT(CheckReliable(feed_, final_), IsEmpty());
}

TEST_F(FeedChecksTest, UniqueSeesADoubleAlsoAcrossAResumption) {
  feed_.messages.push_back(Message({Changed(6, 2, 15)}, At(6, 6)));
  EXPECT_THAT(CheckUnique(feed_), Contains(StartsWith("unique")));
}

TEST_F(FeedChecksTest, AtomicSeesAMissingAndAWrongMark) {
  feed_.messages[3].call_end = false;
  EXPECT_THAT(CheckAtomic(feed_, final_), Contains(AllOf(StartsWith("atomic"), HasSubstr("mark of token"))));
  feed_.messages[3].call_end = true;
  feed_.messages[2].changes[0].call_end = true;
  EXPECT_THAT(CheckAtomic(feed_, final_), Contains(HasSubstr("the mark is not the log's")));
}

// The call of 3 and 4 ends with a row that is not shown, reported by a separate message or not at all.
TEST_F(FeedChecksTest, AtomicSeesAnEndOfACallThatIsLostBetweenMessages) {
  feed_.messages[3] = Message({}, At(4, 5));
  EXPECT_THAT(CheckAtomic(feed_, final_), Not(Contains(HasSubstr("between 3 and 5"))));
  feed_.messages[3].call_end = false;
  EXPECT_THAT(CheckAtomic(feed_, final_), Contains(HasSubstr("between 3 and 5 is not told")));
  feed_.messages[3].ended_before = true;  // as in a page
  EXPECT_THAT(CheckAtomic(feed_, final_), Not(Contains(HasSubstr("between 3 and 5"))));
  feed_.messages.erase(feed_.messages.begin() + 3);
  EXPECT_THAT(CheckAtomic(feed_, final_), Contains(HasSubstr("between 3 and 5 is not told")));
}

TEST_F(FeedChecksTest, AtomicSeesAnEndOfACallThatIsLostBetweenATokenAndTheFirstChange) {
  RecordedFeed rest{.from = At(3, 4), .messages = {Message({Changed(5, 2, 15)}, At(5, 5))}};
  EXPECT_THAT(CheckAtomic(rest, final_), Contains(HasSubstr("between 3 and 5 is not told")));
  rest.messages.insert(rest.messages.begin(), Message({}, At(4, 5)));
  EXPECT_THAT(CheckAtomic(rest, final_), Not(Contains(HasSubstr("between 3 and 5"))));
  rest.messages = {Message({Changed(4, 2, 14, true)}, At(4, 4))};
  rest.messages.front().ended_before = true;
  EXPECT_THAT(CheckAtomic(rest, final_), Contains(HasSubstr("is told and is none")));
}

TEST_F(FeedChecksTest, AtomicSeesAWrongMarkOfAMessageWithoutChanges) {
  feed_.messages.push_back(Message({}, At(5, 5), false));
  EXPECT_THAT(CheckAtomic(feed_, final_), Contains(HasSubstr("mark of token")));
}

TEST_F(FeedChecksTest, AtomicSeesACallThatIsNotContiguous) {
  final_.log[4].call = final_.log[0].call;
  EXPECT_THAT(CheckAtomic(feed_, final_), Contains(HasSubstr("ended before")));
}

TEST_F(FeedChecksTest, AtomicSeesAConsistentTokenThatNoStateHad) {
  feed_.messages[2].consistent = true;  // after the load showed 13, before its deletion: a state only with 13
  feed_.messages[2].changes.clear();
  feed_.messages[1].changes.pop_back();
  EXPECT_THAT(CheckAtomic(feed_, final_), Contains(HasSubstr("at the consistent token")));
}

TEST_F(FeedChecksTest, DurableSeesWhatTheLogDoesNotHave) {
  final_.log.pop_back();
  const Problems problems = CheckDurable(feed_, final_);
  EXPECT_THAT(problems, Contains(HasSubstr("not in the log")));
  EXPECT_THAT(problems, Each(StartsWith("durable")));
  final_.log.push_back(Logged(5, 2, 15, kCreate));
  final_.log[4].nonce = 1;
  EXPECT_THAT(CheckDurable(feed_, final_), Contains(HasSubstr("high water")));
}

TEST_F(FeedChecksTest, DurableSeesALoadOfWhatNeverWas) {
  feed_.messages[0].changes[0].version = 10;
  EXPECT_THAT(CheckDurable(feed_, final_), Contains(HasSubstr("the load showed")));
}

TEST_F(FeedChecksTest, ResumableSeesAGapAndARepetition) {
  RecordedFeed rest{.from = feed_.messages[2].position, .messages = {Message({Changed(5, 2, 15)}, At(5, 5))}};
  EXPECT_THAT(CheckResumable(feed_, 3, rest, final_), Contains(HasSubstr("from another token")));
  rest.messages[0].position.high_water = 4;
  EXPECT_THAT(CheckResumable(feed_, 2, rest, final_), Contains(StartsWith("resumable")));
  rest.from = feed_.messages[3].position;
  rest.messages = {Message({Changed(4, 2, 14, true), Changed(5, 2, 15)}, At(5, 5))};
  EXPECT_THAT(CheckResumable(feed_, 3, rest, final_), Contains(HasSubstr("unique")));
}

TEST_F(FeedChecksTest, BookmarkableSeesWhatIsOlderThanAToken) {
  feed_.messages[2].position = At(4, 4);
  EXPECT_THAT(CheckBookmarkable(feed_), Contains(AllOf(StartsWith("bookmarkable"), HasSubstr("older"))));
}

TEST_F(FeedChecksTest, BookmarkableSeesAWrongFlag) {
  feed_.messages[1].consistent = true;
  EXPECT_THAT(CheckBookmarkable(feed_), Contains(HasSubstr("flag consistent")));
}

TEST_F(FeedChecksTest, ConvergentSeesMissingSurplusAndStaleRows) {
  final_.table[K(3)] = {20, "v20"};
  EXPECT_THAT(CheckConvergent(feed_, final_), Contains(AllOf(StartsWith("convergent"), HasSubstr("missing"))));
  final_.table.erase(K(3));
  final_.table.erase(K(1));
  EXPECT_THAT(CheckConvergent(feed_, final_), Contains(HasSubstr("too many")));
  final_.table[K(1)] = {13, "other"};
  EXPECT_THAT(CheckConvergent(feed_, final_), Contains(HasSubstr("another content")));
  final_.table[K(1)] = {14, "v13"};
  EXPECT_THAT(CheckConvergent(feed_, final_), Contains(HasSubstr("version 13 instead of 14")));
}

TEST_F(FeedChecksTest, ConvergentSeesAStreamThatDidNotReachTheHead) {
  feed_.messages.pop_back();
  EXPECT_THAT(CheckConvergent(feed_, final_), Contains(HasSubstr("while the head is 5")));
}

TEST(HonestTest, SeesEveryWrongAnswer) {
  namespace pb = entity::v1;
  const Failure expired =
      Failure{.reason = pb::ERROR_REASON_EXPIRED_VERSION_STAMP, .message = ""}.With("oldest_sequence_number", "50");
  const Failure changed{.reason = pb::ERROR_REASON_FEED_HISTORY_CHANGED, .message = ""};
  EXPECT_THAT(CheckHonest({At(49, 60), expired}, 50), IsEmpty());
  EXPECT_THAT(CheckHonest({At(50, 60), {}}, 50), IsEmpty());
  EXPECT_THAT(CheckHonest({At(70, 90), changed}, 50, 80), IsEmpty());
  EXPECT_THAT(CheckHonest({At(70, 80), {}}, 50, 80), IsEmpty());

  EXPECT_THAT(CheckHonest({At(49, 60), {}}, 50), Contains(HasSubstr("older than the floor")));
  EXPECT_THAT(CheckHonest({At(50, 60), expired}, 50), Contains(HasSubstr("above the floor")));
  EXPECT_THAT(CheckHonest({At(49, 60), expired}, 51), Contains(HasSubstr("not named")));
  EXPECT_THAT(CheckHonest({At(70, 90), {}}, 50, 80), Contains(HasSubstr("was lost")));
  EXPECT_THAT(CheckHonest({At(70, 80), changed}, 50, 80), Contains(HasSubstr("nothing that it saw was lost")));
  EXPECT_THAT(CheckHonest({At(70, 80), Failure{.reason = pb::ERROR_REASON_UNEXPECTED, .message = ""}}, 50),
              Contains(HasSubstr("something else")));
}

}  // namespace
}  // namespace journeyfeed::testing
