#include "tests/support/test_postgres.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

TEST(TestPostgresTest, GivesFreshDatabases) {
  TestPostgres postgres;
  const auto url = postgres.CreateDatabase("first");
  Query(url, "create table t(a text)");
  Query(url, "insert into t values ('kept')");
  EXPECT_EQ(Query(url, "select a from t"), "kept");
  EXPECT_EQ(Query(postgres.CreateDatabase("second"), "select to_regclass('t')"), "");
}

TEST(TestPostgresTest, RunsWithTheSettingsOfTheEmbeddedClusterAndTheTests) {
  TestPostgres postgres({.settings = {"work_mem=5MB"}});
  EXPECT_EQ(Query(postgres.url(), "show fsync"), "off");
  EXPECT_EQ(Query(postgres.url(), "show max_locks_per_transaction"), "256");
  EXPECT_EQ(Query(postgres.url(), "show work_mem"), "5MB");
  EXPECT_EQ(Query(postgres.url(), "show listen_addresses"), "");
}

TEST(TestPostgresTest, KeepsItsDataAcrossRestartAndKill) {
  TestPostgres postgres({.durable = true});
  EXPECT_EQ(Query(postgres.url(), "show fsync"), "on");
  const auto url = postgres.CreateDatabase("kept");
  Query(url, "create table t as select 7 a");
  postgres.Restart();
  EXPECT_EQ(Query(url, "select a from t"), "7");
  postgres.Kill9();
  postgres.Start();
  EXPECT_EQ(Query(url, "select a from t"), "7");
}

TEST(TestPostgresTest, EndsWithATestThatCrashes) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t test = ::fork();
  if (test == 0) {
    TestPostgres postgres;
    const pid_t pid = postgres.pid();
    [[maybe_unused]] const auto written = ::write(pipe[1], &pid, sizeof pid);
    ::kill(::getpid(), SIGKILL);
  }
  pid_t postmaster = 0;
  ASSERT_EQ(::read(pipe[0], &postmaster, sizeof postmaster), static_cast<ssize_t>(sizeof postmaster));
  EXPECT_TRUE(Eventually([&] { return ::kill(postmaster, 0) != 0; }));
}

}  // namespace
}  // namespace journeyfeed::testing
