// journeyctl takes the toy by the name that its table option gives it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/toy/toy_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;

cli::testing::Ran Journeyctl(cli::testing::Arguments arguments, const std::string& input = "") {
  arguments.insert(arguments.end(), {"--address", TheToyServer().address()});
  auto ran = cli::testing::RunCli(arguments, input);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return ran;
}

TEST(ToyCli, WritesReadsAndDeletes) {
  const auto created = Journeyctl({"create", "toy", "--set", "test_name=Top", "--output", "json"}).lines();
  ASSERT_EQ(created.size(), 1U);
  const std::string id = created[0].at("id");
  Journeyctl({"update", "toy", id, "--set", "test_text=spins"});
  const auto shown = Journeyctl({"retrieve", "toy", id, "--output", "json"}).lines();
  EXPECT_EQ(shown.at(0).at("test_text"), "spins");
  EXPECT_THAT(Journeyctl({"list", "toy", "--filter", "test_name eq 'Top'"}).out, HasSubstr("Top"));
  Journeyctl({"delete", "toy", id});
  EXPECT_THAT(Journeyctl({"list", "test_toy", "--filter", "test_name eq 'Top'"}).out, Not(HasSubstr("Top")));
}

TEST(ToyCli, ImportsExportsAndDeletesInBulk) {
  Journeyctl({"import", "toy", "-", "--mode", "create"},
             "{\"test_name\":\"imported 1\"}\n{\"test_name\":\"imported 2\"}\n");
  const auto exported = Journeyctl({"export", "toy", "-", "--filter", "startswith(test_name,'imported')"}).lines();
  EXPECT_EQ(exported.size(), 2U);
  Journeyctl({"bulk-delete", "toy", "--filter", "startswith(test_name,'imported')"});
  EXPECT_TRUE(Journeyctl({"export", "toy", "-", "--filter", "startswith(test_name,'imported')"}).lines().empty());
}

TEST(ToyCli, WatchShowsTheLoad) {
  Journeyctl({"create", "toy", "--set", "test_name=watched"});
  EXPECT_THAT(Journeyctl({"watch", "toy", "--no-follow"}).out, HasSubstr("watched"));
}

TEST(ToyCli, DescribesTheTable) { EXPECT_THAT(Journeyctl({"describe", "toy"}).out, HasSubstr("test_name")); }

}  // namespace
}  // namespace journeyfeed::testing
