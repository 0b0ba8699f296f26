// The page that lists the rules matches the rules.
#include <gmock/gmock.h>

#include "tests/unit/validation/journeys.h"

namespace journeyfeed::customer_journey::testing {
namespace {

TEST(ValidationDocument, ListsEveryRule) {
  std::string table = "| code | result | when | arguments |\n|---|---|---|---|\n";
  for (const RuleText& rule : AllRules()) {
    table += "| `" + std::string(rule.code) + "` | " + std::string(NameOf(rule.level)) + " | " +
             std::string(rule.meaning) + " | " + std::string(rule.arguments) + " |\n";
  }
  EXPECT_THAT(ReadFile(JOURNEYFEED_DOCS "/validation.md"), ::testing::HasSubstr(table));
}

TEST(ValidationDocument, CodesAreFoundByName) {
  for (const RuleText& rule : AllRules()) {
    EXPECT_EQ(FindRule(rule.code), &rule);
    EXPECT_TRUE(rule.code.starts_with(rule.level == Level::kError ? "Error" : "Warning")) << rule.code;
    EXPECT_TRUE(rule.meaning.ends_with('.')) << rule.code;
  }
  EXPECT_EQ(FindRule("ErrorOfOthers"), nullptr);
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
