// Kills everything that can be killed: the server, the postmaster, a backend, initdb.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "storage/embedded/command.h"
#include "tests/support/cluster_template.h"
#include "tests/support/eventually.h"
#include "tests/support/or_throw.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/embedded/data_dir.h"

namespace journeyfeed::testing {
namespace {

namespace fs = std::filesystem;

bool Answers(const EmbeddedPostgres& postgres) {
  try {
    return Query(postgres.connection_string(), "select 1") == "1";
  } catch (const std::runtime_error&) {
    return false;
  }
}

bool HasEntry(const fs::path& directory, const std::string& prefix) {
  std::error_code absent;
  return std::ranges::any_of(fs::directory_iterator(directory, absent),
                             [&](const auto& entry) { return entry.path().filename().string().starts_with(prefix); });
}

TEST(EmbeddedCrashTest, TheNextServerTakesOverWhatAKilledOneLeft) {
  DataDir data(DataDir::kMade);
  const pid_t left = data.StartInAServerThatIsKilled();
  auto postgres = data.Start();
  EXPECT_EQ(postgres->pid(), left) << data.told();
  EXPECT_TRUE(Answers(*postgres));
  ASSERT_TRUE(postgres->Stop());
  EXPECT_TRUE(data.Processes().empty());
}

TEST(EmbeddedCrashTest, APostmasterWithOlderSettingsIsRestartedInstead) {
  DataDir data(DataDir::kMade);
  const pid_t left = data.StartInAServerThatIsKilled();
  WriteFile(data.home() / "data" / "journeyfeed.conf", "max_connections = 20\n");
  const auto postgres = data.Start();
  EXPECT_NE(postgres->pid(), left);
  EXPECT_EQ(Query(postgres->connection_string(), "show max_connections"), "100");
}

TEST(EmbeddedCrashTest, AKilledPostmasterIsStartedAgain) {
  DataDir data(DataDir::kMade);
  const auto postgres = data.Start();
  Query(postgres->connection_string(), "create table t as select 'kept' a");
  for (int round = 0; round < 2; ++round) {
    const pid_t before = postgres->pid();
    ::kill(before, SIGKILL);
    ASSERT_TRUE(Eventually([&] { return postgres->pid() != before && postgres->Alive(); })) << data.told();
    EXPECT_EQ(Query(postgres->connection_string(), "select a from t"), "kept");
  }
}

TEST(EmbeddedCrashTest, ASessionBusyWithItsOwnComputationDoesNotHoldUpTheNewPostmaster) {
  DataDir data(DataDir::kMade);
  const auto postgres = data.Start();
  std::thread busy([url = postgres->connection_string()] {
    EXPECT_THROW(Query(url, "select count(*) from generate_series(1, 1000000000) a"), std::runtime_error);
  });
  ASSERT_TRUE(Eventually([&] {
    return Query(postgres->connection_string(),
                 "select count(*) from pg_stat_activity where query like '%generate_series(1,%'"
                 " and pid <> pg_backend_pid()") == "1";
  }));
  const pid_t before = postgres->pid();
  ::kill(before, SIGKILL);
  EXPECT_TRUE(Eventually([&] { return postgres->pid() != before && postgres->Alive(); })) << data.told();
  busy.join();
}

TEST(EmbeddedCrashTest, AKilledSessionCostsOnlyASessionRestart) {
  DataDir data(DataDir::kMade);
  const auto postgres = data.Start();
  const pid_t before = postgres->pid();
  std::thread session(
      [url = postgres->connection_string()] { EXPECT_THROW(Query(url, "select pg_sleep(60)"), std::runtime_error); });
  std::string backend;
  ASSERT_TRUE(Eventually([&] {
    backend =
        Query(postgres->connection_string(), "select pid from pg_stat_activity where query = 'select pg_sleep(60)'");
    return !backend.empty();
  }));
  ::kill(std::stoi(backend), SIGKILL);
  session.join();
  EXPECT_TRUE(Eventually([&] { return Answers(*postgres); }));
  EXPECT_EQ(postgres->pid(), before);
}

TEST(EmbeddedCrashTest, RecoversWhenServerAndPostmasterWereKilled) {
  DataDir data(DataDir::kMade);
  auto postgres = data.Start();
  Query(postgres->connection_string(), "create table t as select 'kept' a");
  postgres.reset();
  ::kill(data.StartInAServerThatIsKilled(), SIGKILL);
  postgres = data.Start();
  EXPECT_EQ(Query(postgres->connection_string(), "select a from t"), "kept");
}

TEST(EmbeddedCrashTest, AStrangerWithThePostmastersNumberIsNoPostmaster) {
  DataDir data(DataDir::kMade);
  ::kill(data.StartInAServerThatIsKilled(), SIGKILL);
  auto stranger = OrThrow(embedded::Spawn({{"/bin/sleep", "60"}, TestClusterOwner(), SIGKILL}, STDERR_FILENO));
  const fs::path file = data.home() / "data" / "postmaster.pid";
  ASSERT_TRUE(Eventually([&] { return data.Processes().empty(); }));
  const std::string left = ReadFile(file);
  WriteFile(file, std::to_string(stranger.pid()) + left.substr(left.find('\n')));
  EXPECT_TRUE(Answers(*data.Start()));
  EXPECT_TRUE(stranger.Alive());
  stranger.Signal(SIGKILL);
  EXPECT_TRUE(stranger.WaitForExit(embedded::Clock::now() + std::chrono::seconds(60)));
}

TEST(EmbeddedCrashTest, AKilledInitdbIsDoneAgain) {
  // A kill that comes too late shows nothing: try again then.
  bool shown = false;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(90);
  while (!shown && std::chrono::steady_clock::now() < end) {
    DataDir data(DataDir::kEmpty);
    const pid_t server = ::fork();
    if (server == 0) {
      [[maybe_unused]] const auto started = EmbeddedPostgres::Start(data.Settings());
      ::_exit(0);
    }
    EXPECT_TRUE(Eventually([&] { return HasEntry(data.home(), "data.new.") || fs::exists(data.home() / "data"); }));
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    if (fs::exists(data.home() / "data")) continue;
    shown = true;
    EXPECT_TRUE(Answers(*data.Start()));
    EXPECT_FALSE(HasEntry(data.home(), "data.new."));
  }
  EXPECT_TRUE(shown);
}

TEST(EmbeddedCrashTest, StopIsNotHeldUpByAPostmasterThatHangs) {
  DataDir data(DataDir::kMade);
  auto settings = data.Settings();
  settings.stop_timeout = std::chrono::milliseconds(100);
  const auto postgres = OrThrow(EmbeddedPostgres::Start(settings));
  ::kill(postgres->pid(), SIGSTOP);
  EXPECT_TRUE(postgres->Stop());
  EXPECT_TRUE(data.Processes().empty());
}

TEST(EmbeddedCrashTest, StopEndsTheAttemptsToStartAgain) {
  DataDir data(DataDir::kMade);
  const auto postgres = data.Start();
  const fs::path conf = data.home() / "data" / "postgresql.conf";
  fs::rename(conf, conf.string() + ".away");
  ::kill(postgres->pid(), SIGKILL);
  ASSERT_TRUE(Eventually([&] { return data.told().find("could not be restarted") != std::string::npos; }));
  EXPECT_FALSE(postgres->Alive());
  EXPECT_TRUE(postgres->Stop());
  EXPECT_TRUE(data.Processes().empty());
}

}  // namespace
}  // namespace journeyfeed::testing
