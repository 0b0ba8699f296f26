// The pool of reading threads: delayed tasks, lost connections, exceptions.
#include "storage/postgres/connection/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/support/eventually.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
using testing::Eventually;
using Clock = std::chrono::steady_clock;

// Nothing listens there.
constexpr char kNowhere[] = "host=/nonexistent port=1 dbname=x";

ResultSet Ask(Connection& connection, const std::string& sql) {
  auto result = connection.ExecuteOnce(sql, {}, ResultFormat::kText, 10s);
  return result ? *std::move(result) : nullptr;
}

TEST(WorkerPool, RunsWhatWaitsForItsTimeOnManyThreads) {
  std::atomic<int> ran = 0;
  WorkerPool pool(kNowhere, "", 4, 100000, {});
  const int tasks = 20000;
  for (int i = 0; i < tasks; ++i) {
    // At different times, so that several threads wait for an entry that another one takes.
    pool.SubmitAt(Clock::now() + std::chrono::microseconds(500 + i * 7919 % 700), Deadline::max(),
                  [&](const Result<Connection*>&) { ++ran; });
    if (i % 16 == 0) std::this_thread::yield();
  }
  EXPECT_TRUE(Eventually([&] { return ran == tasks; }, 60s)) << ran;
}

TEST(WorkerPool, AnEarlierTimeIsNotHeldByALaterOne) {
  std::promise<void> early;
  WorkerPool pool(kNowhere, "", 1, 10, {});
  pool.SubmitAt(Clock::now() + 1h, Deadline::max(), [](const Result<Connection*>&) {});
  pool.SubmitAt(Clock::now() + 1ms, Deadline::max(), [&](const Result<Connection*>&) { early.set_value(); });
  EXPECT_EQ(early.get_future().wait_for(20s), std::future_status::ready);
}

TEST(WorkerPool, BoundsWhatWaitsForItsTime) {
  int refused = 0, ended = 0;
  {
    WorkerPool pool(kNowhere, "", 1, 3, {});
    for (int i = 0; i < 5; ++i) {
      pool.SubmitAt(Clock::now() + 1h, Deadline::max(), [&](const Result<Connection*>& connection) {
        ++(connection.error().reason == entity::v1::ERROR_REASON_OVERLOADED ? refused : ended);
      });
    }
    EXPECT_EQ(refused, 2);
    EXPECT_EQ(ended, 0);
  }
  EXPECT_EQ(ended, 3) << "each is answered once, also when the pool ends";
}

TEST(WorkerPool, AnswersWhatComesAfterItsEnd) {
  WorkerPool pool(kNowhere, "", 1, 10, {});
  std::vector<ErrorReason> answers;
  const auto note = [&](const Result<Connection*>& connection) { answers.push_back(connection.error().reason); };
  pool.Stop();
  pool.Submit(Deadline::max(), note);
  pool.SubmitAt(Clock::now() + 1h, Deadline::max(), note);
  EXPECT_EQ(answers, std::vector(2, entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE));
}

TEST(WorkerPool, GoesOnAfterATaskThatThrows) {
  std::promise<void> next;
  WorkerPool pool(kNowhere, "", 1, 10, {});
  pool.Submit(Deadline::max(), [](const Result<Connection*>&) { throw std::runtime_error("a test"); });
  pool.Submit(Deadline::max(), [](const Result<Connection*>&) { throw 1; });
  pool.Submit(Clock::now() - 1s, [](const Result<Connection*>&) { throw std::runtime_error("a test"); });
  pool.Submit(Deadline::max(), [&](const Result<Connection*>&) { next.set_value(); });
  EXPECT_EQ(next.get_future().wait_for(20s), std::future_status::ready);
}

class WorkerPoolWithDatabase : public ::testing::Test {
 protected:
  // Runs `work` on the pool's thread. Returns when it is done.
  template <typename Work>
  bool RunWork(WorkerPool& pool, Work work) {
    std::promise<void> done;
    pool.Submit(Deadline::max(), [&](Result<Connection*> connection) {
      if constexpr (std::is_void_v<std::invoke_result_t<Work&, Result<Connection*>>>) {
        work(connection);
      } else if (!work(connection)) {
        return false;
      }
      done.set_value();
      return true;
    });
    return done.get_future().wait_for(20s) == std::future_status::ready;
  }

  testing::TestPostgres postgres_;
};

TEST_F(WorkerPoolWithDatabase, OpensAnotherSessionForOneThatTheDatabaseEndedWhileItWasIdle) {
  WorkerPool pool(postgres_.url(), "", 1, 10, {});
  std::string session;
  const auto note = [&](Result<Connection*> connection) {
    ASSERT_TRUE(connection);
    const ResultSet pid = Ask(**connection, "select pg_backend_pid()");
    ASSERT_TRUE(pid) << "the session was ended, and nobody noticed";
    session = PQgetvalue(pid.get(), 0, 0);
  };
  ASSERT_TRUE(RunWork(pool, note));
  for (int i = 0; i < 20; ++i) {
    const std::string before = session;
    // Returns when the backend has ended.
    ASSERT_EQ(testing::Query(postgres_.url(), "select pg_terminate_backend(" + before + ", 10000)"), "t");
    ASSERT_TRUE(RunWork(pool, note));
    EXPECT_NE(session, before);
  }
}

TEST_F(WorkerPoolWithDatabase, RunsATaskOnceMoreThatLostItsSession) {
  WorkerPool pool(postgres_.url(), "", 1, 10, {});
  int runs = 0;
  EXPECT_TRUE(RunWork(pool, [&](Result<Connection*> connection) {
    const bool first = ++runs == 1;
    return Ask(**connection, first ? "select pg_terminate_backend(pg_backend_pid())" : "select 1") != nullptr;
  }));
  EXPECT_EQ(runs, 2);
}

TEST_F(WorkerPoolWithDatabase, AStatementEndsWithItsCaller) {
  for (const bool gone : {false, true}) {
    auto opened = Connection::Open(postgres_.url(), kEndsWithItsClient, 10s);
    ASSERT_TRUE(opened);
    std::stop_source caller;
    const auto until = gone ? Deadline::max() : Clock::now() + 100ms;
    const Connection::Patience patience(**opened, until, caller.get_token());
    const auto asked = std::async(std::launch::async, [&] {
      return (*opened)->ExecuteOnce("select pg_sleep(600)", {}, ResultFormat::kText, 600s).error();
    });
    const auto sleepers = [&] {
      return testing::Query(postgres_.url(), "select count(*) from pg_stat_activity where wait_event = 'PgSleep'");
    };
    if (gone) {
      ASSERT_TRUE(Eventually([&] { return sleepers() == "1"; }));
      caller.request_stop();
    }
    ASSERT_EQ(asked.wait_for(20s), std::future_status::ready);
    EXPECT_FALSE((*opened)->usable());
    EXPECT_TRUE(Eventually([&] { return sleepers() == "0"; })) << "the server works for nobody";
  }
}

TEST_F(WorkerPoolWithDatabase, AShortStatementOfACallerWhoHasGoneCostsNoSession) {
  auto opened = Connection::Open(postgres_.url(), kEndsWithItsClient, 10s);
  ASSERT_TRUE(opened);
  {
    std::stop_source caller;
    caller.request_stop();
    const Connection::Patience patience(**opened, Clock::now(), caller.get_token(), 1h);
    EXPECT_TRUE(Ask(**opened, "select 1"));
  }
  const Connection::Patience next(**opened, Deadline::max(), std::stop_source().get_token());
  EXPECT_TRUE(Ask(**opened, "select pg_sleep(0.3)")) << "the departure was another caller's";
}

}  // namespace
}  // namespace journeyfeed::postgres
