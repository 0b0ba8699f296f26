// Histories (docs/interleavings.md 5), as far as one server shows them: the volume is set back under the same timeline
// by copying the data directory of the stopped cluster, and the cluster is promoted. Every token that was ever issued
// is presented afterwards.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "storage/postgres/schema/migrator.h"
#include "tests/support/feed_checks.h"
#include "tests/support/or_throw.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

namespace pb = entity::v1;
using ::testing::IsEmpty;
using ::testing::StartsWith;

void Shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() : data_(Query(postgres_.url(), "show data_directory")) {}

  void SaveVolume() {
    writer_.reset();
    postgres_.Stop();
    Shell("cp -a '" + data_ + "' '" + data_ + ".saved'");
    postgres_.Start();
  }
  void SetVolumeBack() {
    writer_.reset();
    postgres_.Stop();
    Shell("rm -rf '" + data_ + "' && cp -a '" + data_ + ".saved' '" + data_ + "'");
    postgres_.Start();
  }
  void Promote() {
    writer_.reset();
    postgres_.Stop();
    Shell("touch '" + data_ + "/standby.signal'");
    postgres_.Start();
    ASSERT_EQ(database_.Ask("select pg_promote()"), "t");
  }
  std::string Write(WriteRow row) {
    if (!writer_) writer_ = std::make_unique<WriteConnection>(database_);
    return Short(writer_->Write(std::move(row)));
  }
  // Presents a token like a consumer that reads one log row at a time from the position of `reader`.
  ErrorReason Ask(const postgres::Position& token) {
    PageReader asker(database_);
    const auto page = asker.Look(token);
    return page ? pb::ERROR_REASON_UNSPECIFIED : page.error().reason;
  }
  // Every token of `feed` that saw more than `lost_above` is refused; every other token continues and converges.
  void ExpectHonest(const RecordedFeed& feed, std::int64_t lost_above) {
    const FinalState final = database_.Final();
    const auto session = OpenReadConnection(database_);
    Copy copy = feed.copy;
    int refused = 0, accepted = 0;
    for (const RecordedMessage& message : feed.messages) {
      Apply(message, copy);
      PageReader reader(session, message.position, copy);
      const bool read = reader.PageSize(5).ReadToHead();
      EXPECT_THAT(CheckHonest({message.position, read ? std::nullopt : reader.error()}, final.removed, lost_above),
                  IsEmpty());
      ++(read ? accepted : refused);
      EXPECT_THAT(read ? CheckFeed(reader.feed(), final) : Problems(), IsEmpty());
    }
    EXPECT_GT(refused, 0);
    EXPECT_GT(accepted, 0);
  }

  TestPostgres postgres_;
  FeedDatabase database_{postgres_};
  const std::string data_;
  std::unique_ptr<WriteConnection> writer_;  // for Write; must end before PostgreSQL
};

// docs/interleavings.md 5.1. The token is at s3, which both histories have. It skipped an entry whose successor s4 was
// lost.
TEST_F(HistoryTest, ARollbackThatTheRowAtTheTokenDoesNotShow) {
  ASSERT_EQ(Write(CreateRow(Key(1), "one")), "C1");
  ASSERT_EQ(Write(CreateRow(Key(2), "two")), "C2");
  auto reader = std::make_unique<PageReader>(database_);
  ASSERT_TRUE(reader->PageSize(1).ReadToHead());
  const postgres::Position safe = reader->position();
  ASSERT_EQ(Write(UpdateRow(Key(1), "s3")), "U3");
  const postgres::Position at_s2 = reader->position();
  RecordedFeed feed = reader->feed();
  reader.reset();
  SaveVolume();
  ASSERT_EQ(Write(UpdateRow(Key(1), "s4, to be lost")), "U4");
  PageReader before(database_, at_s2, Applied(feed));
  ASSERT_TRUE(before.PageSize(1).Step());
  const postgres::Position skipped = before.position();
  ASSERT_EQ(skipped.seq, 3);
  ASSERT_EQ(skipped.high_water, 4);
  ASSERT_THAT(before.feed().messages.back().changes, IsEmpty());
  PageReader load(database_);
  ASSERT_TRUE(load.Step());  // a load that showed s4
  const postgres::Position loaded = load.position();
  SetVolumeBack();
  // Without writes: the head is below the high water, and the feed lock decides.
  EXPECT_EQ(Ask(skipped), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  EXPECT_EQ(Ask(safe), pb::ERROR_REASON_UNSPECIFIED);
  for (int i = 10; i < 14; ++i) ASSERT_THAT(Write(CreateRow(Key(i), "other")), StartsWith("C"));
  // After writes beyond the token: the nonce decides.
  EXPECT_EQ(Ask(skipped), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  EXPECT_EQ(Ask(loaded), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  EXPECT_EQ(Ask(safe), pb::ERROR_REASON_UNSPECIFIED);
}

// docs/interleavings.md 5.2. The same, but the row at the high water was removed with its partition: its nonce is kept
// with the floor.
TEST_F(HistoryTest, ARollbackBeforeARowThatWasRemovedLater) {
  ASSERT_EQ(Write(CreateRow(Key(1), "one")), "C1");
  SaveVolume();
  ASSERT_EQ(Write(UpdateRow(Key(1), "lost")), "U2");
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  const postgres::Position lost = reader.position();
  SetVolumeBack();
  ASSERT_EQ(Write(UpdateRow(Key(1), "kept")), "U2");
  PageReader other(database_);
  ASSERT_TRUE(other.ReadToHead());
  database_.Ask(
      "update journeyfeed.feed_floor f set removed = l.seq, removed_nonce = l.nonce from "
      "journeyfeed.journey_run_session_log l"
      " where f.entity = 1 and l.seq = 2");
  database_.Tamper("delete from journeyfeed.journey_run_session_log");
  ASSERT_EQ(lost.high_water, 2);
  EXPECT_EQ(Ask(lost), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  EXPECT_EQ(Ask(other.position()), pb::ERROR_REASON_UNSPECIFIED);
}

// docs/interleavings.md 5.3. A transaction that commits holds the feed lock: nothing is decided while it is held, and
// everything once it is free.
TEST_F(HistoryTest, ATokenAboveTheHeadIsDecidedUnderTheFeedLock) {
  ASSERT_EQ(Write(CreateRow(Key(1), "one")), "C1");
  SaveVolume();
  ASSERT_EQ(Write(UpdateRow(Key(1), "lost")), "U2");
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  const postgres::Position lost = reader.position();
  postgres::Position unknown = lost;
  unknown.history += 1;
  SetVolumeBack();
  LockHolder holder(database_);
  holder.TakeFeed();
  EXPECT_EQ(Ask(lost), pb::ERROR_REASON_FEED_REPLICA_BEHIND);
  EXPECT_EQ(Ask(unknown), pb::ERROR_REASON_FEED_REPLICA_BEHIND);
  holder.ReleaseFeed();
  EXPECT_EQ(Ask(lost), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  EXPECT_EQ(Ask(unknown), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  // This server then looks like an old primary that does not know a newer timeline yet.
  unknown.timeline += 1;
  EXPECT_EQ(Ask(unknown), pb::ERROR_REASON_FEED_REPLICA_BEHIND);
}

TEST_F(HistoryTest, AfterARollbackEveryTokenIsToldTheTruth) {
  for (int i = 0; i < 30; ++i) Write(UpsertRow(Key(i % 9), "before"));
  SaveVolume();
  auto reader = std::make_unique<PageReader>(database_);
  reader->PageSize(2);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(reader->Step());
    if (i > 6) Write(i % 5 == 0 ? DeleteRow(Key(i % 9)) : UpsertRow(Key(i % 7), "lost"));
  }
  ASSERT_TRUE(reader->ReadToHead());
  const RecordedFeed feed = reader->feed();
  reader.reset();
  SetVolumeBack();
  for (int i = 0; i < 40; ++i) Write(UpsertRow(Key(i % 11), "other"));
  ExpectHonest(feed, 30);
}

// Consumers do not notice a clean switchover. A server in recovery serves pages and refuses writes.
TEST_F(HistoryTest, APromotionWithoutLossIsNotNoticed) {
  for (int i = 0; i < 12; ++i) Write(UpsertRow(Key(i % 5), "before"));
  auto reader = std::make_unique<PageReader>(database_);
  ASSERT_TRUE(reader->PageSize(3).ReadToHead());
  RecordedFeed feed = reader->feed();
  reader.reset();
  writer_.reset();
  postgres_.Stop();
  Shell("touch '" + data_ + "/standby.signal'");
  postgres_.Start();
  {
    PageReader standby(database_, feed.messages.front().position);
    ASSERT_TRUE(standby.ReadToHead()) << standby.error()->message;
    WriteConnection session(database_, false);
    EXPECT_EQ(Short(session.Write(CreateRow(Key(50), "refused"))), "ERROR_REASON_SERVICE_UNAVAILABLE");
    postgres::Position ahead = feed.messages.back().position;
    ahead.high_water += 1;
    EXPECT_EQ(Ask(ahead), pb::ERROR_REASON_FEED_REPLICA_BEHIND);
    ASSERT_EQ(database_.Ask("select pg_promote()"), "t");
    // The connection was opened before the promotion; the history is not open yet.
    EXPECT_EQ(Short(session.Write(CreateRow(Key(50), "refused"))), "ERROR_REASON_SERVICE_UNAVAILABLE");
  }
  ASSERT_TRUE(postgres::Maintain(database_.url()));
  EXPECT_EQ(database_.Ask("select timeline from journeyfeed.feed_history where entity = 1 and fork_seq is null"), "2");
  for (int i = 0; i < 6; ++i) ASSERT_NE(Write(UpsertRow(Key(i), "after")).size(), 1U);
  const FinalState final = database_.Final();
  EXPECT_GT(final.log.back().seq, 1LL << 32);
  EXPECT_GT(final.log.back().version, 1LL << 32);
  PageReader after(database_, feed.messages.back().position, Applied(feed));
  ASSERT_TRUE(after.ReadToHead()) << after.error()->message;
  const RecordedFeed rest = after.feed();
  feed.messages.insert(feed.messages.end(), rest.messages.begin(), rest.messages.end());
  EXPECT_THAT(CheckFeed(feed, final), IsEmpty());
  EXPECT_THAT(ResumeFromEveryToken(database_, feed, final, 4), IsEmpty());
}

// Exactly the consumers that saw the tail that was lost with the old primary are told.
TEST_F(HistoryTest, APromotionWithALostTail) {
  for (int i = 0; i < 15; ++i) Write(UpsertRow(Key(i % 6), "before"));
  SaveVolume();
  auto reader = std::make_unique<PageReader>(database_);
  reader->PageSize(2);
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(reader->Step());
    if (i > 4) Write(UpsertRow(Key(i % 6), "lost"));
  }
  ASSERT_TRUE(reader->ReadToHead());
  const RecordedFeed feed = reader->feed();
  reader.reset();
  SetVolumeBack();
  Promote();
  // The history is not open yet: tokens of the lost tail are decided anyway.
  EXPECT_EQ(Ask(feed.messages.back().position), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  EXPECT_EQ(Ask(feed.messages.front().position), pb::ERROR_REASON_UNSPECIFIED);
  ASSERT_TRUE(postgres::Maintain(database_.url()));
  for (int i = 0; i < 20; ++i) Write(UpsertRow(Key(i % 8), "after"));
  ExpectHonest(feed, 15);
}

}  // namespace
}  // namespace journeyfeed::testing
