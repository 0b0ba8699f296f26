// When it must not start, and its message then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/embedded/data_dir.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const EmbeddedSettings& settings) {
  const auto started = EmbeddedPostgres::Start(settings);
  if (started) return "it started";
  EXPECT_EQ(started.error().reason, entity::v1::ERROR_REASON_INVALID_ARGUMENT);
  return started.error().message;
}

TEST(EmbeddedRefusalTest, ASecondServerOnTheSameDirectory) {
  DataDir data(DataDir::kMade);
  const auto first = data.Start();
  EXPECT_THAT(Refusal(data.Settings()),
              HasSubstr("in use by another server (process " + std::to_string(::getpid()) + ")"));
  EXPECT_TRUE(first->Alive());
}

TEST(EmbeddedRefusalTest, AClusterOfAnotherMajorVersion) {
  DataDir data(DataDir::kMade);
  WriteFile(data.home() / "data" / "PG_VERSION", "9\n");
  EXPECT_THAT(Refusal(data.Settings()), HasSubstr("made by PostgreSQL 9, but installed is"));
}

TEST(EmbeddedRefusalTest, ADirectoryThatIsNoCluster) {
  DataDir data(DataDir::kMade);
  std::filesystem::remove(data.home() / "data" / "PG_VERSION");
  EXPECT_THAT(Refusal(data.Settings()), HasSubstr("no PG_VERSION"));
}

TEST(EmbeddedRefusalTest, AFileInPlaceOfTheDirectory) {
  DataDir data(DataDir::kEmpty);
  std::filesystem::remove(data.path());
  WriteFile(data.path(), "");
  EXPECT_THAT(Refusal(data.Settings()), HasSubstr("cannot make the data directory"));
}

// A temporary problem may be gone at the next attempt.
TEST(EmbeddedRefusalTest, PostgresOwnWordsAreInTheMessage) {
  DataDir data(DataDir::kMade);
  WriteFile(data.home() / "data" / "postgresql.conf", "shared_buffers = nonsense\n");
  const auto started = EmbeddedPostgres::Start(data.Settings());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE);
  EXPECT_THAT(started.error().message, HasSubstr("invalid value for parameter \"shared_buffers\""));
  EXPECT_TRUE(data.Processes().empty());
}

}  // namespace
}  // namespace journeyfeed::testing
