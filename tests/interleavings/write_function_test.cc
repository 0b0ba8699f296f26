// What the write function promises by itself: when it refuses to run, that its reply fits the send buffer, atomic
// calls.
#include <gmock/gmock.h>

#include <future>

#include "storage/postgres/schema/migrator.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/or_throw.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

class WriteFunctionTest : public ::testing::Test {
 protected:
  FeedDatabase database_;
  WriteConnection session_{database_, false};
};

TEST_F(WriteFunctionTest, RefusesATransactionThatHasWritten) {
  ASSERT_EQ(session_.Execute("begin"), "");
  ASSERT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
  EXPECT_EQ(Short(session_.Write(CreateRow(Key(2), "b"))), "ERROR_REASON_UNEXPECTED")
      << "the second batch of one transaction";
  ASSERT_EQ(session_.Execute("rollback"), "");
  ASSERT_EQ(session_.Execute("begin"), "");
  ASSERT_EQ(session_.Execute("create temp table other (a int)"), "");
  EXPECT_EQ(Short(session_.Write(CreateRow(Key(1), "a"))), "ERROR_REASON_UNEXPECTED");
  ASSERT_EQ(session_.Execute("rollback"), "");
  EXPECT_THAT(database_.Final().log, IsEmpty());
}

TEST_F(WriteFunctionTest, RefusesEveryIsolationButReadCommitted) {
  for (const char* isolation : {"repeatable read", "serializable"}) {
    ASSERT_EQ(session_.Execute(std::string("begin isolation level ") + isolation), "");
    EXPECT_EQ(Short(session_.Write(CreateRow(Key(1), "a"))), "ERROR_REASON_UNEXPECTED") << isolation;
    ASSERT_EQ(session_.Execute("rollback"), "");
  }
  EXPECT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
}

TEST_F(WriteFunctionTest, TheTablesRefuseEverybodyElse) {
  ASSERT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
  for (const std::string table : {"journey_run_session", "journey_run_session_log"}) {
    EXPECT_EQ(session_.Execute("delete from journeyfeed." + table), "JF001");
    EXPECT_EQ(session_.Execute("truncate journeyfeed." + table), "JF001");
    ASSERT_EQ(session_.Execute("set role journeyfeed_service"), "");
    EXPECT_EQ(session_.Execute("delete from journeyfeed." + table + " where false"), "42501");
    ASSERT_EQ(session_.Execute("reset role"), "");
  }
  EXPECT_EQ(database_.Final().table.size(), 1U);
}

// A promoted server whose history is not open yet.
TEST_F(WriteFunctionTest, RefusesAServerOfAnotherTimelineUntilItsHistoryIsOpened) {
  ASSERT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C1"));
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  database_.Ask("update journeyfeed.feed_history set timeline = timeline + 7 where entity = 1");
  EXPECT_EQ(Short(session_.Write(CreateRow(Key(2), "b"))), "ERROR_REASON_SERVICE_UNAVAILABLE");
  WriteConnection repairing(database_);
  EXPECT_THAT(Short(repairing.Write(CreateRow(Key(2), "b"))), StartsWith("C"));
  EXPECT_EQ(database_.Ask("select count(*) from journeyfeed.feed_history where entity = 1"), "2");
  ASSERT_TRUE(reader.ReadToHead()) << reader.error()->message;
  const FinalState final = database_.Final();
  EXPECT_GT(final.log.back().seq, 1LL << 32);
  EXPECT_GT(final.log.back().version, 1LL << 32);
  EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
}

// A batch that passed the guard and drew its versions while a new history was being opened must not be logged after it.
TEST_F(WriteFunctionTest, ABatchDoesNotStraddleTheOpeningOfAHistory) {
  ASSERT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C1"));
  database_.Ask("select setval('journeyfeed.journey_run_session_version_seq', 100000)");
  ASSERT_EQ(Short(session_.Write(UpdateRow(Key(1), "b"))), "U100001");
  // Sets both sequences back, like a logical copy.
  database_.Ask(
      "select setval('journeyfeed.journey_run_session_version_seq', 1), "
      "setval('journeyfeed.journey_run_session_log_seq', 1)");
  LockHolder holder(database_);
  holder.TakeFeed();
  const auto waiting = [&] {
    return database_.Ask("select count(*) from pg_locks where not granted and objsubid = 2");
  };
  auto opening = std::async(std::launch::async,
                            [&] { return database_.Ask("select journeyfeed.open_history(1::smallint, true)"); });
  ASSERT_TRUE(Eventually([&] { return waiting() == "1"; }));
  session_.Start(UpdateRow(Key(1), "straddles"));  // has drawn version 2 and waits behind the opening
  ASSERT_EQ(waiting(), "2");
  holder.ReleaseFeed();
  ASSERT_EQ(opening.get(), "t");
  const Outcome outcome = std::move(session_.Finish().front());  // refused, and retried once
  EXPECT_GT(VersionOf(outcome), 1LL << 32);
  EXPECT_EQ(std::to_string(OrThrow(postgres::DecodePoint(outcome->point)).history),
            database_.Ask("select incarnation from journeyfeed.feed_history where entity = 1 and fork_seq is null"));
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), database_.Final()), IsEmpty());
}

// Versions of the batch lie on both sides of the jump; its rows are not to blame.
TEST_F(WriteFunctionTest, ABatchWhoseVersionsStraddleAnOpeningIsTriedAgain) {
  WriteConnection session(database_, /*repair=*/false);
  const WriteRequest call = CallOf({UpsertRow(Key(1), "a"), UpsertRow(Key(2), "b")});
  // Like a jump of the sequence between the two.
  database_.Tamper("alter sequence journeyfeed.journey_run_session_version_seq increment by 4294967296");
  EXPECT_EQ(Short(session.Write({call})[0]), "ERROR_REASON_SERVICE_UNAVAILABLE");
  EXPECT_EQ(database_.Ask("select count(*) from journeyfeed.journey_run_session"), "0");
  database_.Tamper("alter sequence journeyfeed.journey_run_session_version_seq increment by 1");
  WriteConnection another(database_);
  const Outcome outcome = another.Write({call})[0];
  ASSERT_TRUE(outcome);
  EXPECT_EQ(VersionOf(outcome, 1), VersionOf(outcome, 0) + 1);
}

// Results leave before the commit: if they do not fit the backend's send buffer (8 kB), a client that does not read
// holds the lock.
TEST_F(WriteFunctionTest, TheReplyFitsTheSendBuffer) {
  database_.Ask("select setval('journeyfeed.journey_run_session_version_seq', 4611686018427387904)");
  for (const int count : {512, 1000}) {
    const std::string arguments = database_.Ask(
        "select string_agg(format('%s => (select array_agg((%s)::%s) from generate_series(1, " + std::to_string(count) +
        ") i)', name, case when name in ('p_id', 'p_correlation_id') then 'gen_random_uuid()'"
        " when name like '%user_id' then quote_literal(md5('user'))"
        " when name in ('p_call', 'p_request_index') then 'i' when name in ('p_message', 'p_fingerprint') then '1'"
        " when name = 'p_set' then '56' when name in ('p_if_none_match', 'p_atomic') then 'false'"
        " when name = 'p_creatable' then 'true' when name in ('p_name', 'p_journey_run_id', 'p_session') then "
        "quote_literal('x')"
        " else 'null' end, rtrim(type, '[]')), ', ' order by n)"
        " from (select n, p.proargnames[n] as name, format_type(p.proargtypes[n - 1], null) as type"
        " from pg_proc p, generate_series(1, p.pronargs) n where p.proname = 'write_journey_run_session') q");
    const std::string reply =
        database_.Ask("select w::text from journeyfeed.write_journey_run_session(" + arguments + ") w");
    EXPECT_EQ(std::count(reply.begin(), reply.end(), 'C'), count);
    EXPECT_NE(reply.find("46116860184"), std::string::npos);
    // DataRow and its neighbours (row description, command complete) must fit as well.
    EXPECT_LT(reply.size() + 400, 8192U) << count;
  }
}

TEST_F(WriteFunctionTest, AnAtomicCallIsAllOrNothingAndDisturbsNobodyElse) {
  ASSERT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
  WriteRequest failing = CallOf({CreateRow(Key(2), "b"), UpdateRow(Key(3), "no such"), UpsertRow(Key(4), "c")});
  failing.atomic = true;
  WriteRequest good = CallOf({CreateRow(Key(5), "d"), UpdateRow(Key(1), "e")});
  good.atomic = true;
  const WriteRequest loose = CallOf({CreateRow(Key(6), "f"), UpdateRow(Key(7), "no such")});
  const Outcomes outcomes = session_.Write({failing, good, loose});
  EXPECT_EQ(Short(outcomes[0], 0), "A");
  EXPECT_EQ(Short(outcomes[0], 1), "N");
  EXPECT_EQ(Short(outcomes[0], 2), "A");
  EXPECT_THAT(Short(outcomes[1], 0), StartsWith("C"));
  EXPECT_THAT(Short(outcomes[1], 1), StartsWith("U"));
  EXPECT_THAT(Short(outcomes[2], 0), StartsWith("C"));
  EXPECT_EQ(Short(outcomes[2], 1), "N");
  const FinalState final = database_.Final();
  EXPECT_EQ(final.table.size(), 3U);
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
}

// Also where commits are asynchronous for the whole database.
TEST_F(WriteFunctionTest, ACommitIsNeverLazy) {
  ASSERT_EQ(session_.Execute("set synchronous_commit = off"), "");
  ASSERT_EQ(session_.Execute("begin"), "");
  ASSERT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
  EXPECT_EQ(session_.Execute("do $$ begin assert current_setting('synchronous_commit') = 'on'; end $$"), "");
  ASSERT_EQ(session_.Execute("commit"), "");
  EXPECT_EQ(session_.Execute("do $$ begin assert current_setting('synchronous_commit') = 'off'; end $$"), "");
}

TEST_F(WriteFunctionTest, ADatabaseWhoseSequencesHandOutBlocksIsRefused) {
  database_.Ask("alter sequence journeyfeed.journey_run_session_log_seq cache 10");
  const auto migrated = postgres::Migrate(database_.url(), true);
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().reason, entity::v1::ERROR_REASON_NOT_SUPPORTED);
}

// A connection that ended while it was idle: nothing was sent, so nothing is unknown.
TEST_F(WriteFunctionTest, AWriteOnASessionThatEndedBeforeIsNotUnknown) {
  ASSERT_THAT(Short(session_.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
  Terminate(database_, session_.pid());
  EXPECT_EQ(Short(session_.Write(UpdateRow(Key(1), "b"))), "ERROR_REASON_SERVICE_UNAVAILABLE");
}

TEST_F(WriteFunctionTest, ABatchThatChangesNothingLogsNothing) {
  ASSERT_EQ(Short(session_.Write(DeleteRow(Key(1)))), "N");
  EXPECT_EQ(database_.Ask("select is_called from journeyfeed.journey_run_session_log_seq"), "f");
}

}  // namespace
}  // namespace journeyfeed::testing
