// Expired records leave the table in time, each with one deletion in the feed, and renewed records stay.
#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "storage/postgres/sql/statements.h"
#include "storage/postgres/upkeep/expiry_sweeper.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"
#include "tests/upkeep/running_store.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kTable[] = "journeyfeed.journey_run_session";

// JOURNEYFEED_UPKEEP_SECONDS sets a longer run.
int Seconds(int usual) {
  const char* given = std::getenv("JOURNEYFEED_UPKEEP_SECONDS");
  return given ? std::stoi(given) : usual;
}

unsigned Seed() {
  const char* given = std::getenv("JOURNEYFEED_UPKEEP_SEED");
  const unsigned seed = given ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
  std::cout << "JOURNEYFEED_UPKEEP_SEED=" << seed << std::endl;
  return seed;
}

class SweeperTest : public ::testing::Test {
 protected:
  // Creates records from ... from + count - 1, in large batches.
  void Create(int from, int count, const std::function<int(int)>& ttl) {
    for (int done = 0; done < count;) {
      std::vector<WriteRequest> calls;
      for (; done < count && calls.size() < 500; ++done)
        calls.push_back(CallOf(CreateRow(Key(from + done), "n", ttl(done))));
      for (const Outcome& outcome : writer_.Write(calls)) ASSERT_THAT(Short(outcome), StartsWith("C"));
    }
  }
  // Remembers the expiry of everything that exists now, because the table will not.
  void NoteExpiries() {
    database_.Ask(std::string("create table expected as select id, expires_at from ") + kTable +
                  " where expires_at is not null");
  }
  std::string Rows() { return database_.Ask(std::string("select count(*) from ") + kTable); }
  bool TableIsEmpty() { return Rows() == "0"; }
  // Compares the deletions in the log with the remembered expiries.
  std::string Deletions(const std::string& what) {
    return database_.Ask("select " + what +
                         " from journeyfeed.journey_run_session_log l join expected e on e.id = l.record_id"
                         " where l.message = 4 and l.parent_message = 13 and l.depth = 2 and l.call_end");
  }
  Problems CheckConsumers() {
    PageReader fresh(database_);
    if (!reader_.ReadToHead() || !fresh.ReadToHead()) return {"the feed cannot be read"};
    Problems problems = CheckFeed(reader_.feed(), database_.Final());
    for (auto& problem : CheckFeed(fresh.feed(), database_.Final())) problems.push_back(std::move(problem));
    return problems;
  }

  FeedDatabase database_;
  WriteConnection writer_{database_};
  PageReader reader_{database_};
};

// Each leaves within five seconds of its expiry. Only long runs check this, which have the machine for themselves.
TEST_F(SweeperTest, AThousandExpiriesASecondLeaveInTimeSweptByTwo) {
  const int seconds = Seconds(4), count = 1000 * seconds;
  Create(0, count, [&](int i) { return 3 + i % seconds; });
  NoteExpiries();
  ASSERT_TRUE(reader_.ReadToHead());
  RunningStore one(database_);
  RunningStore two(database_);
  ASSERT_TRUE(Eventually([this] { return TableIsEmpty(); }, std::chrono::seconds(seconds + 90)));
  EXPECT_EQ(Deletions("count(*)"), std::to_string(count));
  EXPECT_EQ(Deletions("count(distinct record_id)"), std::to_string(count)) << "nothing is deleted twice";
  EXPECT_EQ(Deletions("bool_and(l.logged_at >= e.expires_at)"), "t") << "nothing goes before its time";
  const double latest = std::stod(Deletions("extract(epoch from max(l.logged_at - e.expires_at))"));
  EXPECT_LT(latest, seconds > 4 ? 5.0 : 60.0);
  std::cout << "latest removal after its expiry: " << latest << " s" << std::endl;
  const std::map<std::string, std::string> sessions = {{"entity", "journey_run_session"}};
  EXPECT_EQ(one.Metric("sweeper_removed_total", sessions) + two.Metric("sweeper_removed_total", sessions), count);
  EXPECT_EQ(one.Metric("sweeper_errors_total", sessions) + two.Metric("sweeper_errors_total", sessions), 0);
  EXPECT_EQ(one.Metric("sweeper_backlog_age_seconds", sessions), 0);
  EXPECT_THAT(CheckConsumers(), IsEmpty());
}

TEST_F(SweeperTest, AnotherReplicaGoesOnWhenTheOneThatSweepsEnds) {
  auto one = std::make_unique<RunningStore>(database_);
  Create(0, 10, [](int) { return 1; });
  ASSERT_TRUE(Eventually([this] { return TableIsEmpty(); }));
  RunningStore two(database_);
  one.reset();
  Create(10, 10, [](int) { return 1; });
  EXPECT_TRUE(Eventually([this] { return TableIsEmpty(); }));
  EXPECT_EQ(two.Metric("sweeper_removed_total"), 10);
}

// Records that were written after the sweeper looked ahead, with nearer and with later expiries.
TEST_F(SweeperTest, FindsInTheLogWhatWasWrittenAfterItLooked) {
  Create(0, 5, [](int) { return 3600; });
  RunningStore store(database_);
  Create(100, 1, [](int) { return 1; });
  ASSERT_TRUE(Eventually([this] { return Rows() == "5"; }));
  Create(200, 50, [](int i) { return 1 + i % 2; });
  EXPECT_THAT(Short(writer_.Write(UpsertRow(Key(2), "sooner", 1))), StartsWith("U"));
  EXPECT_TRUE(Eventually([this] { return Rows() == "4"; }));
  EXPECT_EQ(store.Metric("sweeper_removed_total"), 52);
}

TEST_F(SweeperTest, RenewedRecordsStay) {
  constexpr int kCount = 60;
  Create(0, kCount, [](int) { return 2; });
  RunningStore store(database_);
  std::mt19937 random(Seed());
  // Half of them are renewed again and again at random times; those that expired before are created again.
  int renewed = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto lasted = [&] { return std::chrono::steady_clock::now() - begin; };
  while (lasted() < 5s || (renewed < 20 && lasted() < 90s)) {
    const int number = static_cast<int>(random() % (kCount / 2));
    if (Short(writer_.Write(UpdateRow(Key(number), "renewed"))).starts_with("U")) {
      ++renewed;
    } else {
      ASSERT_THAT(Short(writer_.Write(UpsertRow(Key(number), "anew", 2))), StartsWith("C"));
    }
  }
  EXPECT_GE(renewed, 20);
  // At the last moment or after it, all of them get enough time.
  for (int number = 0; number < kCount / 2; ++number) {
    ASSERT_THAT(Short(writer_.Write(UpsertRow(Key(number), "kept", 3600))), ::testing::MatchesRegex("[CU].*"));
  }
  ASSERT_TRUE(Eventually([&] { return std::stoi(Rows()) <= kCount / 2; }));
  ASSERT_TRUE(Eventually([this] { return database_.Final().expired.empty(); }));
  EXPECT_EQ(Rows(), std::to_string(kCount / 2));
  EXPECT_THAT(CheckConsumers(), IsEmpty());
}

// The sweeper has read that the record is expired, and waits for its key lock behind a writer that creates it again.
TEST_F(SweeperTest, ARecordThatIsMadeAnewBeforeTheSweeperHasItsLockStays) {
  Create(0, 1, [](int) { return 1; });
  ASSERT_TRUE(Eventually([this] { return database_.Final().expired.size() == 1; }));
  LockHolder holder(database_);
  holder.TakeKey(Key(0));
  WriteConnection other(database_);
  other.Start(UpsertRow(Key(0), "anew", 3600));
  ASSERT_TRUE(other.Running());
  postgres::PostgresSettings patient;
  patient.lock_timeout = 20s;
  RunningStore store(database_, patient);
  ASSERT_TRUE(Eventually([this] {
    return database_.Ask("select count(*) from pg_locks where locktype = 'advisory' and not granted") == "2";
  }));
  holder.ReleaseKey(Key(0));
  EXPECT_THAT(Short(other.Finish().front()), StartsWith("C"));
  ASSERT_TRUE(Eventually([&] { return store.Metric("sweeper_kept_total") == 1; }));
  EXPECT_EQ(store.Metric("sweeper_removed_total"), 0);
  EXPECT_EQ(Rows(), "1");
  EXPECT_EQ(database_.Ask("select string_agg(message || '/' || coalesce(parent_message, 0), ' ' order by seq)"
                          " from journeyfeed.journey_run_session_log"),
            "1/0 4/13 3/0");
}

TEST_F(SweeperTest, TheWriteFunctionRemovesNothingThatLives) {
  Create(0, 1, [](int) { return 3600; });
  WriteRow row = DeleteRow(Key(0));
  WriteRequest call = CallOf(row);
  call.parent = entity::v1::MESSAGE_NAME_EXPIRE;
  std::vector<WriteRequest> calls;
  calls.push_back(std::move(call));
  EXPECT_EQ(Short(writer_.Write(calls).front()), "V");
  EXPECT_EQ(Rows(), "1");
}

// More than can be held, over three hours of the past: all are removed, the oldest hour first.
TEST_F(SweeperTest, ABacklogGoesOldestHourFirst) {
  Create(0, 900, [](int) { return 100000; });
  const std::string hours_ago = "(1 + (hashtext(id::text) & 1023) % 3)";
  database_.Tamper(
      std::string("update ") + kTable + " set expires_at = date_trunc('hour', now()) - " + hours_ago +
      " * interval '1 hour' + interval '1 minute', expiry_hour = floor(extract(epoch from now()) / 3600) - " +
      hours_ago);
  NoteExpiries();
  const postgres::StoreMetrics metrics(nullptr);
  const postgres::ExpirySweeper sweeper(
      Sessions(),
      {.conninfo = database_.url(),
       .options = "-c enable_seqscan=off",
       .interval = 100ms,
       .most_awaited = 100,
       .on_commit = [](const dictionary::Entity&, const postgres::LogPoint&) {}},
      {.timeout = 30s, .repair = [](const auto&, const auto&) {}, .report = [](const auto&) {}},
      metrics.Of(Sessions()).sweeper);
  ASSERT_TRUE(Eventually([this] { return TableIsEmpty(); }));
  EXPECT_EQ(Deletions("count(*)"), "900");
  EXPECT_EQ(database_.Ask("select bool_and(later >= earlier) from (select e.expires_at as later,"
                          " lag(e.expires_at) over (order by l.seq) as earlier"
                          " from journeyfeed.journey_run_session_log l join expected e on e.id = l.record_id"
                          " where l.message = 4) q where earlier is not null"),
            "t");
  ASSERT_TRUE(reader_.ReadToHead());
  EXPECT_THAT(CheckFeed(reader_.feed(), database_.Final()), IsEmpty());
}

TEST_F(SweeperTest, ARowThatSomebodyHoldsDoesNotHoldUpTheRest) {
  Create(0, 20, [](int) { return 1; });
  WriteConnection holder(database_);
  ASSERT_EQ(holder.Execute("begin"), "");
  ASSERT_EQ(
      holder.Execute(std::string("select from ") + kTable + " where id = '" + Key(7).id.ToString() + "' for update"),
      "");
  RunningStore store(database_);
  EXPECT_TRUE(Eventually([this] { return Rows() == "1"; }));
  EXPECT_EQ(holder.Execute("rollback"), "");
  EXPECT_TRUE(Eventually([this] { return TableIsEmpty(); }));
}

// Both reads ahead use the time that they are given: together they leave nothing out when the hour turns.
TEST_F(SweeperTest, TheLooksAheadGoByOneTime) {
  Create(0, 1, [](int) { return 100000; });
  database_.Tamper(std::string("update ") + kTable + " set expires_at = date_trunc('hour', now()) - interval '1 s'," +
                   " expiry_hour = floor(extract(epoch from now()) / 3600) - 1");
  const auto found = [this](const postgres::Statement& statement, const std::string& arguments) {
    return database_.Ask("prepare p as " + statement.text + "; create temp table found as execute p(" + arguments +
                         "); select count(*) from found");
  };
  const auto& statements = postgres::StatementsOf(Sessions());
  const std::string at = "date_trunc('hour', now()) - interval '2 s'";
  EXPECT_EQ(found(statements.expiry_past, "100, " + at), "0");
  EXPECT_EQ(found(statements.expiry_soon, "100, 60, " + at), "1");
  EXPECT_EQ(found(statements.expiry_past, "100, date_trunc('hour', now())"), "1");
}

TEST_F(SweeperTest, CanBeSwitchedOff) {
  Create(0, 3, [](int) { return 1; });
  postgres::PostgresSettings switched_off;
  switched_off.sweep_interval = 0s;
  RunningStore off(database_, switched_off);
  ASSERT_TRUE(Eventually([this] { return database_.Final().expired.size() == 3; }));
  // Another replica sweeps: this one has had its chance.
  Create(10, 3, [](int) { return 1; });
  ASSERT_TRUE(Eventually([this] { return database_.Final().expired.size() == 6; }));
  RunningStore on(database_);
  ASSERT_TRUE(Eventually([this] { return TableIsEmpty(); }));
  EXPECT_EQ(on.Metric("sweeper_removed_total"), 6);
  EXPECT_EQ(off.Metric("sweeper_removed_total"), 0);
}

// With a full table and the options of the sweeper's connection.
TEST_F(SweeperTest, FindsCandidatesThroughTheIndexOfHours) {
  Create(0, 3000, [](int i) { return 10 + i * 10; });
  database_.Ask(std::string("analyze ") + kTable);
  const auto& statements = postgres::StatementsOf(Sessions());
  for (const auto& [statement, arguments] :
       {std::pair(statements.expiry_past, "100, now()"), std::pair(statements.expiry_soon, "100, 60, now()")}) {
    const std::string plan = database_.Ask(
        "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; prepare p as " + statement.text +
        "; create temp table plan (line text);"
        "do $do$ declare l text; begin for l in execute 'explain execute p(" +
        arguments +
        ")' loop insert into plan values (l); end loop; end $do$;"
        "select string_agg(line, e'\\n') from plan");
    EXPECT_THAT(plan, ::testing::HasSubstr("journey_run_session_expiry"));
    EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("Seq Scan on journey_run_session")));
  }
}

}  // namespace
}  // namespace journeyfeed::testing
