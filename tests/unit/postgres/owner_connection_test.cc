#include "storage/postgres/connection/owner_connection.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

// Longer than the time between two checks of the watchdog.
constexpr char kSixSeconds[] = "select pg_sleep(6)";

class OwnerConnectionTest : public ::testing::Test {
 protected:
  void Set(const std::string& what) const { testing::Query(postgres_.url(), "alter " + what); }
  void ExpectThatALongStatementEnds() const {
    OwnerConnection session(url_, "-c statement_timeout=0", {});
    pqxx::work work(session.connection());
    EXPECT_NO_THROW(work.exec1(kSixSeconds));
  }

  testing::TestPostgres postgres_;
  const std::string url_ = postgres_.CreateDatabase("owned");
};

TEST_F(OwnerConnectionTest, ALongStatementIsLeftAlone) { ExpectThatALongStatementEnds(); }

// The activity of a backend is then hidden from the role that was set.
TEST_F(OwnerConnectionTest, ALongStatementOfAUserWithAnotherRoleIsLeftAlone) {
  testing::Query(postgres_.url(), "create role plain");
  Set("role postgres in database owned set role = 'plain'");
  ExpectThatALongStatementEnds();
}

TEST_F(OwnerConnectionTest, ALongStatementIsLeftAloneWhereActivityIsNotTracked) {
  Set("database owned set track_activities = off");
  ExpectThatALongStatementEnds();
}

TEST_F(OwnerConnectionTest, AStopEndsAStatement) {
  std::stop_source stop;
  OwnerConnection session(url_, "-c statement_timeout=0", stop.get_token());
  pqxx::work work(session.connection());
  std::jthread stopper([&] {
    EXPECT_TRUE(testing::Eventually([&] {
      return testing::Query(url_, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'") == "1";
    }));
    stop.request_stop();
  });
  EXPECT_THROW(work.exec("select pg_sleep(600)"), pqxx::broken_connection);
}

TEST_F(OwnerConnectionTest, AnUnreachableServerIsABrokenConnection) {
  EXPECT_THROW(OwnerConnection("host=/nonexistent dbname=none", "", {}), pqxx::broken_connection);
}

}  // namespace
}  // namespace journeyfeed::postgres
