// The commands list, copy and bulk-delete.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/command_line.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

std::string SessionLines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    const std::string id = std::to_string(100'000 + i);
    lines += R"({"msdynmkt_journeyrunsessionid":"00000000-0000-4000-8000-000000)" + id + R"(","msdynmkt_name":"n)" +
             id + R"(","msdynmkt_journeyrunid":")" + std::to_string(i % 3) + R"(","msdynmkt_session":"s"})" + "\n";
  }
  return lines;
}

TEST(List, GoesOverPagesToTheLimit) {
  TestServer server(NewDatabase());
  ASSERT_EQ(Journeyctl(server, {"import", "session", "-"}, SessionLines(1200)).exit_code, 0);
  // The service's largest page has 500.
  EXPECT_EQ(Journeyctl(server, {"list", "session", "--columns", "name"}).lines().size(), 1200u);
  EXPECT_EQ(Journeyctl(server, {"list", "session", "--limit", "700"}).lines().size(), 700u);
  EXPECT_EQ(Journeyctl(server, {"list", "session", "--filter", "journey_run_id eq '1'", "--count"})
                .lines()[0]["total_record_count"],
            400);
  const auto last = Journeyctl(server, {"list", "session", "--order-by", "name desc", "--limit", "1"}).lines();
  EXPECT_EQ(last.at(0)["msdynmkt_name"], "n101199");
  const Ran groups = Journeyctl(
      server, {"list", "session", "--apply", "groupby((journey_run_id),aggregate($count as n))", "--output", "table"});
  EXPECT_THAT(groups.out, ContainsRegex("Journey Run Id +n\n0 +400\n1 +400\n2 +400\n"));
  const Ran wrong = Journeyctl(server, {"list", "session", "--filter", "nonsense eq 1"});
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("QUERY_BUILDER_NO_ATTRIBUTE"));
}

TEST(BulkDelete, RemovesWhatTheFilterSelects) {
  TestServer server(NewDatabase());
  ASSERT_EQ(Journeyctl(server, {"import", "session", "-"}, SessionLines(900)).exit_code, 0);
  const Arguments one_run = {"bulk-delete", "session", "--filter", "journey_run_id eq '1'"};
  Arguments dry = one_run;
  dry.push_back("--dry-run");
  EXPECT_EQ(Journeyctl(server, dry).lines().at(0)["deleted_count"], 300);
  EXPECT_EQ(Journeyctl(server, one_run).lines().at(0)["deleted_count"], 300);
  EXPECT_EQ(Journeyctl(server, {"list", "session", "--columns", "name"}).lines().size(), 600u);
  EXPECT_EQ(Journeyctl(server, {"bulk-delete", "session", "--all"}).lines().at(0)["deleted_count"], 600);
  EXPECT_EQ(Journeyctl(server, {"list", "session"}).out, "");
}

TEST(Copy, HasTheDesignOfTheOriginalAndIsADraft) {
  TestServer& server = TheService().server;
  const std::string original = Journeyctl(server, {"create", "journey", JOURNEYFEED_SEED_BODY}).lines().at(0)["id"];
  ASSERT_EQ(Journeyctl(server, {"update", "journey", original, "--set", "statuscode=Going Live"}).exit_code, 0);
  const Ran copied = Journeyctl(server, {"copy", original, "--name", "second"});
  ASSERT_EQ(copied.exit_code, 0) << copied.err;
  const std::string id = copied.lines().at(0)["id"];
  const nlohmann::json from = Journeyctl(server, {"retrieve", "journey", original}).lines().at(0);
  const nlohmann::json to = Journeyctl(server, {"retrieve", "journey", id}).lines().at(0);
  EXPECT_NE(id, original);
  EXPECT_EQ(to["statuscode"], 192350000);
  EXPECT_EQ(to["msdyncrm_name"], "second");
  for (const char* column : {"msdyncrm_workflowdefinition", "msdyncrm_customerjourneydesignerstate",
                             "_msdyncrm_contentsettingsid_value", "msdyncrm_startdatetime", "msgdpr_requiredconsent"}) {
    EXPECT_EQ(to.at(column), from.at(column)) << column;
  }
  EXPECT_EQ(Journeyctl(server, {"copy", "00000000-0000-4000-8000-000000000009"}).exit_code, 5);
}

}  // namespace
}  // namespace journeyfeed::cli::testing
