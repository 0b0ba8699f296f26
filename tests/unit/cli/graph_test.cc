// validate and graph without a service.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSeed[] = JOURNEYFEED_VALIDATE_SEED;

// Two activities with names that are special to Graphviz; the second has an unknown parent.
const std::string kBroken = R"([{"ActivityId":"a\"\\N&<b>","ActivityTypeId":"bpf_root"},
    {"ActivityId":"b","ActivityTypeId":"Email","ParentActivityId":"go\nne","ParentBranchId":0,"ParentRelationshipType":"Default"}])";

TEST(ValidateHere, PrintsTheFaultsForPeople) {
  const Ran ran = RunCli({"validate", "--local", kSeed});
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_EQ(ran.out,
            "Error ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations\n"
            "  The iterations (count times interval) do not fit between start and end.\n"
            "1 error, 0 warnings: cannot go live\n");
  EXPECT_EQ(ran.err, "");
}

TEST(ValidateHere, PrintsDataversesText) {
  const Ran ran = RunCli({"validate", "--local", "--json", kSeed});
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_EQ(ran.lines().at(0)["Result"], "Error");
}

TEST(ValidateHere, AJourneyInDataverseJsonMayGoLive) {
  const Ran ran = RunCli({"validate", "--local", JOURNEYFEED_SEEDS "/create_journey.json"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(ran.out, "0 errors, 0 warnings: may go live\n");
}

TEST(ValidateHere, NamesWhereAndArguments) {
  const Ran ran = RunCli({"validate", "--local", "-"}, kBroken);
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_THAT(ran.out, HasSubstr("Error ErrorParentUnknown at activity b: go ne\n"));
}

TEST(ValidateHere, RefusesABodyThatSaysAKeyTwice) {
  const Ran ran = RunCli({"validate", "--local", "-"}, R"({"FieldValueName":"n","FieldValueName":"SECRET"})");
  EXPECT_EQ(ran.exit_code, 64);
  EXPECT_THAT(ran.err, HasSubstr("FieldValueName twice"));
  EXPECT_THAT(ran.err, Not(HasSubstr("SECRET")));
}

TEST(ValidateHere, RefusesABodyWithOtherKeysOrValuesAndTellsNoValue) {
  const Ran ran = RunCli({"validate", "--local", "-"},
                         R"({"FieldValueName":"n","FieldValueNam":1,"FieldValueRecurrenceCount":"SECRET"})");
  EXPECT_EQ(ran.exit_code, 64);
  EXPECT_THAT(ran.err, HasSubstr("FieldValueNam, FieldValueRecurrenceCount"));
  EXPECT_THAT(ran.err, Not(HasSubstr("SECRET")));
  EXPECT_EQ(RunCli({"validate", "--local", "-"}, "{").exit_code, 3);
  EXPECT_EQ(RunCli({"validate", "--local", "/nowhere/journey.json"}).exit_code, 74);
}

TEST(Graph, DrawsAFileWithoutAService) {
  const Ran ran = RunCli({"graph", kSeed});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("digraph journey {\n  label=\"Sample Customer Journey\";"));
  EXPECT_THAT(ran.out, HasSubstr("a1 [label=\"Segment\\nNew Segment group\\n01_0\"];"));
  EXPECT_THAT(ran.out, HasSubstr("a0 -> a1;"));
  EXPECT_THAT(ran.out,
              HasSubstr("faults [shape=\"note\", style=\"\", "
                        "label=\"ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations\", color=\"red\""));
}

TEST(Graph, FaultsAreRedAndTextsAreEscaped) {
  const Ran ran = RunCli({"graph", "-"}, kBroken);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(R"(a0 [label="bpf_root\na\"\\N&amp;<b>\nError)"));
  EXPECT_THAT(ran.out, HasSubstr("p1 [label=\"go ne\", style=\"dashed\", color=\"red\", fontcolor=\"red\"];"));
  EXPECT_THAT(ran.out, HasSubstr("p1 -> a1 [style=\"dashed\", color=\"red\"];"));
}

TEST(Graph, BranchesHaveNames) {
  const Ran ran = RunCli({"graph", "-"}, R"([{"ActivityId":"t","ActivityTypeId":"Trigger"},
      {"ActivityId":"y","ParentActivityId":"t","ParentRelationshipType":"YESbranch"},
      {"ActivityId":"n","ParentActivityId":"t","ParentRelationshipType":"noBranch"}])");
  EXPECT_THAT(ran.out, HasSubstr("a0 -> a1 [label=\"yes\"];"));
  EXPECT_THAT(ran.out, HasSubstr("a0 -> a2 [label=\"no\"];"));
}

// A stand-in for Graphviz, which may be missing here, found through PATH.
class WithDot : public ::testing::Test {
 protected:
  ~WithDot() override { setenv("PATH", path_.c_str(), 1); }

  // "": there is no `dot`.
  void UseDot(const std::string& script) {
    if (!script.empty()) {
      journeyfeed::testing::WriteFile(folder_ / "dot", "#!/bin/sh\n" + script + "\n");
      std::filesystem::permissions(folder_ / "dot", std::filesystem::perms::owner_all);
    }
    setenv("PATH", folder_.path().c_str(), 1);
  }

 private:
  const std::string path_ = std::getenv("PATH");
  const journeyfeed::testing::TempDir folder_;
};

TEST_F(WithDot, DrawsTheSvg) {
  UseDot("echo \"$1\"; while read -r line; do echo \"$line\"; done");
  const Ran ran = RunCli({"graph", "--svg", "-"}, kBroken);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("-Tsvg\ndigraph journey {"));
}

TEST_F(WithDot, ThatFailsIsAnError) {
  UseDot("exit 3");
  EXPECT_EQ(RunCli({"graph", "--svg", "-"}, kBroken).exit_code, 74);
}

TEST_F(WithDot, ThatHangsIsEnded) {
  UseDot("while :; do :; done");
  const Ran ran = RunCli({"graph", "--svg", "-", "--timeout", "300ms"}, kBroken);
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_THAT(ran.err, HasSubstr("--timeout"));
}

TEST_F(WithDot, ThatIsNotInstalledIsNamed) {
  UseDot("");
  const Ran ran = RunCli({"graph", "--svg", "-"}, kBroken);
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_THAT(ran.err, HasSubstr("package graphviz"));
}

}  // namespace
}  // namespace journeyfeed::cli::testing
