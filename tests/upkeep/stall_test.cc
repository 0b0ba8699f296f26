// No writer waits for rotation, whatever has the log open: dumps, careless administrators, other maintenance. Each case
// holds a step of the rotation in its wait, without a limit, and lets writers continue meanwhile.
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

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::StartsWith;

constexpr char kNextRemoval[] = "select journeyfeed.next_log_removal(1::smallint, '7 days', clock_timestamp())";

// Writers that run all the time, with request ids.
class SteadyWriters {
 public:
  explicit SteadyWriters(const FeedDatabase& database) {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([&, i](std::stop_token stop) { Write(stop, database, i); });
  }
  [[nodiscard]] bool AwaitMore(int more) {
    const int from = count_;
    return Eventually([&] { return count_ >= from + more; }, 60s);
  }
  int Finish() {
    threads_.clear();
    return failed_;
  }

 private:
  void Write(std::stop_token stop, const FeedDatabase& database, int number) {
    WriteConnection session(database);
    for (int i = 0; !stop.stop_requested(); ++i) {
      std::vector<WriteRequest> calls;
      calls.push_back(CallOf(UpsertRow(Key(number * 100 + i % 20), "n" + std::to_string(i))));
      calls.back().request_id = Uuid::MakeV7();
      if (!session.Write(calls).front()) ++failed_;
      ++count_;
    }
  }
  std::atomic<int> count_ = 0, failed_ = 0;
  std::vector<std::jthread> threads_;
};

// A statement on a separate connection, without a limit, until it is cancelled.
class Background {
 public:
  Background(const FeedDatabase& database, const std::string& sql) : database_(database), sql_(sql) {
    thread_ = std::jthread([this] {
      try {
        database_.Ask(sql_);
      } catch (const std::runtime_error&) {  // cancelled
      }
      ended_ = true;
    });
    if (!Eventually([this] { return ended_ || Waits(); }, 60s)) throw std::runtime_error("it neither waits nor ends");
  }
  ~Background() { Cancel(); }
  bool Waits() const { return Activity("count(*)") != "0"; }
  void Cancel() {
    if (!ended_) Activity("count(pg_cancel_backend(pid))");
    if (thread_.joinable()) thread_.join();
  }
  void Join() { thread_.join(); }

 private:
  std::string Activity(const std::string& what) const {
    return database_.Ask("select " + what + " from pg_stat_activity where wait_event_type = 'Lock' and query = $q$" +
                         sql_ + "$q$");
  }
  const FeedDatabase& database_;
  const std::string sql_;
  std::atomic<bool> ended_ = false;
  std::jthread thread_;
};

class StallTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(writers_.AwaitMore(40));
    ASSERT_TRUE(follower_.PageSize(20).ReadToHead());
  }
  void TearDown() override {
    EXPECT_EQ(writers_.Finish(), 0);
    ASSERT_TRUE(follower_.ReadToHead()) << follower_.error()->message;
    EXPECT_EQ(Applied(follower_.feed()), database_.Final().table);
  }

  FeedDatabase database_;
  Rotator rotator_{database_};
  SteadyWriters writers_{database_};
  PageReader follower_{database_};
};

TEST_F(StallTest, WritersGoOnWhileAReaderHoldsTheRangeThatIsRemoved) {
  ASSERT_TRUE(rotator_.Round(1));
  ASSERT_EQ(rotator_.closed(), 1);
  database_.Tamper(
      "update journeyfeed.journey_run_session_log set logged_at = logged_at - interval '8 days' where seq < " +
      std::to_string(kWidth));
  ASSERT_TRUE(writers_.AwaitMore(20));
  ASSERT_TRUE(follower_.ReadToHead());
  OpenReader reader(database_);
  {
    Background detachment(database_, database_.Ask(kNextRemoval));
    ASSERT_TRUE(writers_.AwaitMore(60));
    ASSERT_TRUE(follower_.ReadToHead()) << "readers go on too";
    EXPECT_TRUE(detachment.Waits());
  }
  EXPECT_THAT(rotator_.Partitions(), StartsWith("0! 1 "));
  ASSERT_THAT(database_.Ask(kNextRemoval), EndsWith("finalize"));
  Background finish(database_, database_.Ask(kNextRemoval));
  ASSERT_TRUE(writers_.AwaitMore(60));
  ASSERT_TRUE(follower_.ReadToHead());
  // The detachment that is being finished holds the lock that makers of partitions need.
  database_.Ask("select setval('journeyfeed.journey_run_session_log_seq', " + std::to_string(2 * kWidth) + ")");
  Background maker(database_, "select journeyfeed.make_log_partitions(1::smallint)");
  ASSERT_TRUE(writers_.AwaitMore(60));
  EXPECT_TRUE(maker.Waits());
  EXPECT_TRUE(finish.Waits());
  reader.End();
  // Without limits they may also wait for each other, lock against snapshot: PostgreSQL then ends one of them, and the
  // next round does its part.
  finish.Join();
  maker.Join();
  ASSERT_TRUE(postgres::Maintain(database_.url()));
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(rotator_.removed(), 1);
  EXPECT_EQ(rotator_.Partitions(), "1 2 3 4 5");
}

// The round itself gives up soon and continues next time.
TEST_F(StallTest, AnOpenReaderIsNoFailure) {
  ASSERT_TRUE(rotator_.Round(1));
  database_.Tamper(
      "update journeyfeed.journey_run_session_log set logged_at = logged_at - interval '8 days' where seq < " +
      std::to_string(kWidth));
  ASSERT_TRUE(writers_.AwaitMore(20));
  ASSERT_TRUE(follower_.ReadToHead());
  OpenReader reader(database_);
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(rotator_.Round(0));
    EXPECT_THAT(rotator_.Partitions(), StartsWith("0! 1 "));
  }
  reader.End();
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(rotator_.removed(), 1);
}

TEST_F(StallTest, WritersGoOnWhilePartitionsCannotBeMade) {
  database_.Ask("select setval('journeyfeed.journey_run_session_log_seq', " + std::to_string(kWidth) + ")");
  OpenReader other(database_, "lock table only journeyfeed.journey_run_session_log in share update exclusive mode");
  std::atomic<bool> made = false;
  std::jthread maker([&] { made = postgres::Maintain(database_.url()).has_value(); });
  ASSERT_TRUE(Eventually([&] {
    return database_.Ask("select count(*) from pg_locks where not granted and relation is not null") == "1";
  }));
  ASSERT_TRUE(writers_.AwaitMore(100));
  EXPECT_FALSE(made);
  other.End();
  maker.join();
  EXPECT_TRUE(made);
  EXPECT_EQ(rotator_.Partitions(), "0 1 2 3 4");
}

// Every write with a request id reads and writes the outcomes.
TEST_F(StallTest, WritersGoOnWhileOutcomesAreRemoved) {
  OpenReader reader(database_, "select count(*) from journeyfeed.request_outcome");
  {
    Background detachment(database_, "alter table journeyfeed.request_outcome detach partition " +
                                         database_
                                             .Ask("select max(relname) from pg_class where relkind = 'r' and"
                                                  " relname ~ '^request_outcome_'")
                                             .insert(0, "journeyfeed.") +
                                         " concurrently");
    ASSERT_TRUE(writers_.AwaitMore(60));
    EXPECT_TRUE(detachment.Waits());
  }
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(rotator_.outcomes_removed(), 0);
  ASSERT_TRUE(writers_.AwaitMore(20));
  reader.End();
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(database_.Ask("select count(*) from pg_inherits where inhdetachpending"), "0");
}

}  // namespace
}  // namespace journeyfeed::testing
