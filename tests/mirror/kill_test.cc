// A mirror is killed at every kind of moment, with the server in between, while clients write.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>

#include "cli/client/entity_client.h"
#include "cli/input/file_io.h"
#include "tests/mirror/target.h"
#include "tests/mirror/world.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using cli::Dialect;
using cli::testing::CliProcess;

constexpr char kTable[] = "journey_run_session";
constexpr int kLoaded = 5000;
constexpr auto kLimit = std::chrono::seconds(60);

unsigned SeedOfKills() {
  static const unsigned seed = [] {
    const char* given = std::getenv("JOURNEYFEED_FAULT_SEED");
    const unsigned chosen = given ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
    std::cout << "JOURNEYFEED_FAULT_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return seed;
}

class MirrorKilled : public ::testing::TestWithParam<Dialect> {
 protected:
  MirrorKilled() { world_.MakeSessions(kLoaded, 8000); }

  std::unique_ptr<CliProcess> Start() {
    return std::make_unique<CliProcess>(
        cli::testing::Arguments{"mirror", "session", target_->url(), "--address", world_.address()}, null_.get(),
        folder_ / "errors");
  }
  bool AwaitRows(int rows) {
    return Eventually([&] { return target_->Rows(kTable) >= rows; }, kLimit);
  }
  std::string Checkpoint() { return *target_->Ask("select checkpoint from journeyfeed_mirror")[0][0]; }
  bool AwaitAnotherCheckpoint() {
    const std::string before = Checkpoint();
    return Eventually([&] { return Checkpoint() != before; }, kLimit);
  }
  static bool Kill(CliProcess& mirror) {
    mirror.Signal(SIGKILL);
    return mirror.Wait() == 128 + SIGKILL;
  }
  std::string DifferenceNow() {
    return Difference(*target_, kTable, *cli::FindEntity("session"), world_.database_url());
  }
  std::string Errors() { return ReadFile(folder_ / "errors"); }

  World world_;
  const std::unique_ptr<MirrorTarget> target_ = MakeMirrorTarget(GetParam());
  TempDir folder_;
  const cli::FileDescriptor null_{open("/dev/null", O_WRONLY | O_CLOEXEC)};
};

TEST_P(MirrorKilled, AtAnyMomentEndsUpEqual) {
  std::optional<Writer> writer(std::in_place, world_, SeedOfKills());
  for (const int rows : {1, kLoaded / 3, 2 * kLoaded / 3}) {  // in the load
    const auto mirror = Start();
    ASSERT_TRUE(AwaitRows(rows)) << Errors();
    ASSERT_TRUE(Kill(*mirror)) << Errors();
    ASSERT_LT(target_->Rows(kTable), kLoaded) << "the load was over before the kill";
    if (rows > 1) world_.KillServer();
  }
  for (int i = 0; i < 3; ++i) {  // in the changes
    const auto mirror = Start();
    ASSERT_TRUE(AwaitRows(kLoaded)) << Errors();
    ASSERT_TRUE(AwaitAnotherCheckpoint()) << Errors();
    if (i == 1) world_.KillServer();
    ASSERT_TRUE(target_->KillInTransaction(*mirror)) << Errors();
  }
  ASSERT_TRUE(writer->Await(20));
  world_.ForgetLog();  // with a dead mirror: it loads again, and is killed in that load too
  ASSERT_TRUE(writer->Await(20));
  {
    const auto mirror = Start();
    ASSERT_TRUE(Eventually([&] { return Checkpoint().starts_with("1:2:load:"); }, kLimit)) << Errors();
    ASSERT_TRUE(target_->KillInTransaction(*mirror)) << Errors();
  }
  const auto mirror = Start();
  ASSERT_TRUE(Eventually([&] { return Checkpoint().starts_with("1:2:changes:"); }, kLimit)) << Errors();
  world_.KillServer();
  writer.reset();
  EXPECT_TRUE(AwaitSameVersions(*target_, *cli::FindEntity("session"), world_.database_url())) << Errors();
  EXPECT_EQ(DifferenceNow(), "") << Errors();
  mirror->Signal(SIGTERM);
  EXPECT_EQ(mirror->Wait(), 0) << Errors();
}

std::string NameOfKilled(const ::testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
}

INSTANTIATE_TEST_SUITE_P(Targets, MirrorKilled, ::testing::Values(Dialect::kSqlite, Dialect::kPostgres), NameOfKilled);

}  // namespace
}  // namespace journeyfeed::testing
