// The target is away, locked, full, or written by somebody else, while the feed goes on.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include "cli/client/entity_client.h"
#include "cli/input/file_io.h"
#include "tests/mirror/target.h"
#include "tests/mirror/world.h"
#include "tests/support/eventually.h"
#include "tests/upkeep/small_disk.h"

namespace journeyfeed::testing {
namespace {

using cli::testing::CliProcess;
using ::testing::HasSubstr;

constexpr auto kOutageLimit = std::chrono::seconds(60);

class MirrorOutage : public ::testing::Test {
 protected:
  std::unique_ptr<CliProcess> Follow(const std::string& url) {
    return std::make_unique<CliProcess>(
        cli::testing::Arguments{"mirror", "session", url, "--address", world_.address()}, null_.get(),
        folder_ / "errors");
  }
  std::string Errors() { return ReadFile(folder_ / "errors"); }
  bool AwaitNotice() {
    return Eventually([&] { return Errors().contains("trying again"); }, kOutageLimit);
  }
  bool AwaitEqual(const MirrorTarget& target) {
    const auto& sessions = *cli::FindEntity("session");
    return AwaitSameVersions(target, sessions, world_.database_url()) &&
           Difference(target, "journey_run_session", sessions, world_.database_url()).empty();
  }

  World world_;
  TempDir folder_;
  const cli::FileDescriptor null_{open("/dev/null", O_WRONLY | O_CLOEXEC)};
};

// A target on a PostgreSQL of its own, which can be killed.
class OwnPostgres final : public MirrorTarget {
 public:
  std::string url() const override { return "postgres:" + postgres.url(); }
  cli::Dialect dialect() const override { return cli::Dialect::kPostgres; }
  bool KillInTransaction(CliProcess&) const override { return false; }

  TestPostgres postgres;
};

// A file that stands somewhere else.
class File final : public MirrorTarget {
 public:
  explicit File(std::string url) : url_(std::move(url)) {}
  std::string url() const override { return url_; }
  cli::Dialect dialect() const override { return cli::Dialect::kSqlite; }
  bool KillInTransaction(CliProcess&) const override { return false; }

 private:
  const std::string url_;
};

TEST_F(MirrorOutage, ADatabaseThatIsKilledIsWaitedFor) {
  OwnPostgres target;
  world_.MakeSessions(10, 100);
  const auto mirror = Follow(target.url());
  ASSERT_TRUE(AwaitEqual(target)) << Errors();
  target.postgres.Kill9();
  world_.MakeSessions(10, 100);
  ASSERT_TRUE(AwaitNotice()) << Errors();
  target.postgres.Start();
  EXPECT_TRUE(AwaitEqual(target)) << Errors();
  target.postgres.Stop();
  world_.MakeSessions(1, 100);
  ASSERT_TRUE(Eventually([&] { return Errors().rfind("trying again") > Errors().find("trying again"); }, kOutageLimit));
  mirror->Signal(SIGTERM);  // while it waits
  EXPECT_EQ(mirror->Wait(), 0) << Errors();
}

TEST_F(MirrorOutage, AFileThatIsLockedIsWaitedFor) {
  const auto target = MakeMirrorTarget(cli::Dialect::kSqlite);
  world_.MakeSessions(1, 100);
  const auto mirror = Follow(target->url());
  ASSERT_TRUE(AwaitEqual(*target)) << Errors();
  sqlite3* holder = nullptr;
  ASSERT_EQ(sqlite3_open(target->url().substr(7).c_str(), &holder), SQLITE_OK);
  sqlite3_busy_timeout(holder, 10'000);
  ASSERT_EQ(sqlite3_exec(holder, "begin immediate", nullptr, nullptr, nullptr), SQLITE_OK);
  world_.MakeSessions(10, 100);
  EXPECT_TRUE(AwaitNotice()) << Errors();
  EXPECT_THAT(Errors(), HasSubstr("database is locked"));
  sqlite3_close(holder);
  EXPECT_TRUE(AwaitEqual(*target)) << Errors();
}

TEST_F(MirrorOutage, ASecondMirrorOfOneTableIsNoticed) {
  const auto target = MakeMirrorTarget(cli::Dialect::kPostgres);
  world_.MakeSessions(10, 100);
  const auto mirror = Follow(target->url());
  ASSERT_TRUE(AwaitEqual(*target)) << Errors();
  Query(target->url().substr(9), "update journeyfeed_mirror set checkpoint = '1:9:load:'");
  world_.MakeSessions(1, 100);
  EXPECT_EQ(mirror->Wait(), 74);
  EXPECT_THAT(Errors(), HasSubstr("is written by another process"));
}

TEST_F(MirrorOutage, AFullDiskEndsItAndLosesNothing) {
  const SmallDisk disk(48);
  if (!disk.mounted()) GTEST_SKIP() << disk.reason();
  const std::string url = "sqlite:" + (disk.path() / "mirror.db").string();
  world_.MakeSessions(500, 1000);
  ASSERT_EQ(cli::testing::RunCli({"mirror", "session", url, "--no-follow", "--address", world_.address()}).exit_code,
            0);
  disk.FillUpTo(64 << 10);
  world_.MakeSessions(2000, 4000);
  const auto full = cli::testing::RunCli({"mirror", "session", url, "--no-follow", "--address", world_.address()});
  EXPECT_EQ(full.exit_code, 74);
  EXPECT_THAT(full.err, HasSubstr("database or disk is full"));
  EXPECT_THAT(full.err, HasSubstr("make room"));
  disk.Empty();
  const auto after = cli::testing::RunCli({"mirror", "session", url, "--no-follow", "--address", world_.address()});
  EXPECT_EQ(after.exit_code, 0) << after.err;
  EXPECT_TRUE(AwaitEqual(File(url)));
}

}  // namespace
}  // namespace journeyfeed::testing
