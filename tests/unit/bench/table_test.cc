#include "tests/bench/report/table.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/bench/report/json_lines.h"

namespace journeyfeed::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Trial TrialOf(const std::string& cell, int round, double value, const std::vector<std::string>& faults = {}) {
  return {.workload = "w",
          .cell = cell,
          .contender = cell,
          .parameters = {{"followers", 20}},
          .round = round,
          .measurement = {.metrics = {{"server_cores", value}}, .faults = faults}};
}

Result ResultOf(std::optional<Bar> bar, const std::vector<Trial>& trials) {
  return {.workload = "w",
          .cells = {"a"},
          .figures = {{"figure", "ms", bar, [](const Round& round) { return round.at("a").at("server_cores"); }}},
          .trials = trials};
}

TEST(TableTest, NumbersHaveThreeDigits) {
  EXPECT_EQ(ShortNumber(0), "0");
  EXPECT_EQ(ShortNumber(0.01234), "0.0123");
  EXPECT_EQ(ShortNumber(0.4), "0.400");
  EXPECT_EQ(ShortNumber(12.34), "12.3");
  EXPECT_EQ(ShortNumber(123456), "123456");
  EXPECT_EQ(ShortNumber(-2.5), "-2.50");
  EXPECT_EQ(ShortNumber(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_EQ(PlainNumber(0.4), "0.4");
  EXPECT_EQ(PlainNumber(100), "100");
  EXPECT_EQ(PlainNumber(12.0), "12");
}

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(MarkdownTable({{"a", "µs"}, {"long name", "1"}, {"b"}}),
            "| a         |  µs |\n"
            "|-----------|----:|\n"
            "| long name |   1 |\n"
            "| b         |     |\n");
}

TEST(TableTest, ABarIsMetByTheMedian) {
  const Bar at_most{Bar::Sense::kAtMost, 5, 2};
  const auto text = Describe(ResultOf(at_most, {TrialOf("a", 0, 4), TrialOf("a", 1, 9), TrialOf("a", 2, 5)}));
  EXPECT_THAT(text, HasSubstr("figure, ms"));
  EXPECT_THAT(text, HasSubstr("<= 5"));
  EXPECT_THAT(text, HasSubstr("<= 2"));
  EXPECT_THAT(text, HasSubstr(" met |"));
  EXPECT_THAT(text, Not(HasSubstr("not met")));
  const Bar at_least{Bar::Sense::kAtLeast, 6, {}};
  EXPECT_THAT(Describe(ResultOf(at_least, {TrialOf("a", 0, 5)})), HasSubstr("**not met**"));
}

TEST(TableTest, ARunThatDoesNotCountIsNamedAndLeftOut) {
  const auto text = Describe(ResultOf(Bar{}, {TrialOf("a", 0, 4, {"something was lost"})}));
  EXPECT_THAT(text, HasSubstr("void"));
  EXPECT_THAT(text, HasSubstr("VOID 1 x a: something was lost"));
  EXPECT_THAT(text, HasSubstr("**not met**"));
}

TEST(TableTest, OtherProcessesAreNamed) {
  Trial trial = TrialOf("a", 0, 4);
  trial.measurement.metrics["other_cores"] = 0.5;
  trial.measurement.metrics["stolen_cores"] = 0.1;
  EXPECT_THAT(Describe(ResultOf({}, {trial})), HasSubstr("NOT QUIET: other processes, or the host, took up to 60.0 %"));
  EXPECT_THAT(Describe(ResultOf({}, {TrialOf("a", 0, 4)})), Not(HasSubstr("QUIET")));
}

TEST(JsonLineTest, HoldsAllOfARun) {
  const std::string line = JsonLine({.run = "r", .git = "g", .machine = "m"}, TrialOf("a", 3, 0.5, {"lost \x80"}));
  ASSERT_TRUE(line.ends_with("}\n"));
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["run"], "r");
  EXPECT_EQ(json["git"], "g");
  EXPECT_EQ(json["machine"], "m");
  EXPECT_EQ(json["workload"], "w");
  EXPECT_EQ(json["contender"], "a");
  EXPECT_EQ(json["parameters"]["followers"], 20);
  EXPECT_EQ(json["round"], 3);
  EXPECT_EQ(json["metrics"]["server_cores"], 0.5);
  EXPECT_EQ(json["faults"].size(), 1u);
}

}  // namespace
}  // namespace journeyfeed::bench
