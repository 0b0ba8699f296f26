// A data directory before, between and after servers, if nothing goes wrong.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/embedded/data_dir.h"

namespace journeyfeed::testing {
namespace {

namespace fs = std::filesystem;

TEST(EmbeddedFirstStartTest, MakesAClusterThatKeepsItsDataAcrossServers) {
  DataDir data(DataDir::kEmpty);
  auto postgres = data.Start();
  EXPECT_TRUE(postgres->Alive());
  EXPECT_EQ(Query(postgres->connection_string(), "show fsync"), "on");
  EXPECT_EQ(Query(postgres->connection_string(),
                  "select has_database_privilege('public', current_database(), 'connect')"
                  " or has_database_privilege('public', current_database(), 'temporary')"),
            "f")
      << "any session could take the locks that writes wait for";
  Query(postgres->connection_string(), "create table t as select 'kept' a");
  ASSERT_TRUE(postgres->Stop());
  EXPECT_FALSE(postgres->Alive());

  postgres.reset();
  postgres = data.Start();
  EXPECT_EQ(Query(postgres->connection_string(), "select a from t"), "kept");
}

TEST(EmbeddedFirstStartTest, StopLeavesNothingRunning) {
  DataDir data(DataDir::kMade);
  auto postgres = data.Start();
  EXPECT_GE(data.Processes().size(), 5u);
  ASSERT_TRUE(postgres->Stop());
  EXPECT_TRUE(data.Processes().empty());
  EXPECT_FALSE(fs::exists(data.home() / "data" / "postmaster.pid"));
  EXPECT_TRUE(fs::is_empty(data.home() / "socket"));
  EXPECT_TRUE(postgres->Stop());
}

TEST(EmbeddedFirstStartTest, SettlesWhatTheServiceReliesOn) {
  DataDir data(DataDir::kMade);
  const auto postgres = data.Start();
  const auto show = [&](const std::string& name) { return Query(postgres->connection_string(), "show " + name); };
  EXPECT_EQ(show("listen_addresses"), "");
  EXPECT_EQ(show("wal_level"), "replica");
  EXPECT_EQ(show("data_checksums"), "on");
  EXPECT_EQ(show("server_encoding"), "UTF8");
  EXPECT_EQ(show("max_locks_per_transaction"), "256");
  EXPECT_EQ(show("default_toast_compression"), "lz4");
  EXPECT_EQ(show("jit"), "off");
  EXPECT_EQ(show("timezone"), "UTC");
  EXPECT_EQ(Query(postgres->connection_string(), "select lower('ÄÖ') || ('a' < 'B')"), "äöfalse");
  EXPECT_EQ(Query(postgres->connection_string(), "select current_database()"), "journeyfeed");
}

TEST(EmbeddedFirstStartTest, TheOperatorsOwnSettingsWin) {
  DataDir data(DataDir::kMade);
  std::system(("echo 'work_mem = 7MB' >> " + (data.home() / "data" / "postgresql.conf").string()).c_str());
  const auto postgres = data.Start();
  EXPECT_EQ(Query(postgres->connection_string(), "show work_mem"), "7MB");
}

TEST(EmbeddedFirstStartTest, NobodyElseReachesSocketOrFiles) {
  DataDir data(DataDir::kMade);
  const auto postgres = data.Start();
  for (const auto& directory : {data.home(), data.home() / "socket", data.home() / "log", data.home() / "data"}) {
    EXPECT_EQ(fs::status(directory).permissions(), fs::perms(0700)) << directory;
  }
}

TEST(EmbeddedFirstStartTest, ALongPathIsNoObstacle) {
  DataDir data(DataDir::kEmpty);
  auto settings = data.Settings();
  settings.data_dir = data.path() / std::string(120, 'x') / "with blank, comma and 'quote'";
  auto postgres = EmbeddedPostgres::Start(settings);
  ASSERT_TRUE(postgres) << postgres.error().message;
  EXPECT_EQ(Query((*postgres)->connection_string(), "select 1"), "1");
  const std::string socket = Query((*postgres)->connection_string(), "show unix_socket_directories");
  ASSERT_TRUE((*postgres)->Stop());
  const fs::path parent = fs::path(socket).parent_path();
  EXPECT_TRUE(fs::path(socket).filename().string().starts_with("journeyfeed-")) << socket;
  EXPECT_TRUE(parent == fs::temp_directory_path() || parent == "/tmp") << socket;
  fs::remove_all(socket);
}

// The postmaster does not belong to the terminal: Ctrl-C reaches only the server, which stops it in order.
TEST(EmbeddedFirstStartTest, RunsInASessionOfItsOwn) {
  DataDir data(DataDir::kMade);
  const auto postgres = data.Start();
  EXPECT_EQ(::getsid(postgres->pid()), postgres->pid());
}

// Only for root: PostgreSQL's user cannot enter /root, for example.
TEST(EmbeddedFirstStartTest, ADirectoryThatPostgresCannotReachHoldsALink) {
  if (::geteuid() != 0) return;
  DataDir data(DataDir::kEmpty);
  fs::permissions(data.path().parent_path(), fs::perms(0700));
  auto postgres = data.Start();
  Query(postgres->connection_string(), "create table t as select 'kept' a");
  postgres.reset();
  ASSERT_TRUE(fs::is_symlink(data.home()));
  const fs::path home = fs::read_symlink(data.home());
  EXPECT_EQ(home.parent_path(), "/var/lib/journeyfeed");

  postgres = data.Start();
  EXPECT_EQ(Query(postgres->connection_string(), "select a from t"), "kept");

  // A copy of the directory leads to the same cluster, which allows one server at a time.
  auto copy = data.Settings();
  copy.data_dir = data.path().parent_path() / "copy";
  fs::copy(data.path(), copy.data_dir, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  EXPECT_FALSE(EmbeddedPostgres::Start(copy));
  postgres.reset();
  fs::remove_all(home);
  EXPECT_FALSE(EmbeddedPostgres::Start(data.Settings())) << "a link that leads nowhere is no empty database";
}

}  // namespace
}  // namespace journeyfeed::testing
