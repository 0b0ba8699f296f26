// $apply.
#include "services/query/aggregation.h"

#include <gmock/gmock.h>

#include "tests/unit/query/describe.h"

namespace journeyfeed::query {
namespace {

using ::testing::StartsWith;

std::string Apply(std::string_view text) {
  const auto parsed = ParseApply(text, OptionsFor(Journeys()));
  if (!parsed) return DescribeProblem(text, parsed.error());
  std::string result = parsed->filter ? Describe(*parsed->filter) + ": " : "";
  for (const GroupColumn& group : parsed->grouping.columns) result += group.name + " ";
  for (const Aggregate& aggregate : parsed->grouping.aggregates) {
    static constexpr const char* kNames[] = {"count", "sum", "average", "min", "max"};
    result += aggregate.alias + "=" + kNames[static_cast<int>(aggregate.function)] + "(" +
              (aggregate.column ? aggregate.column->name : "") + ") ";
  }
  return result;
}

TEST(AggregationTest, ReadsTransformations) {
  EXPECT_EQ(Apply("aggregate($count as n)"), "n=count() ");
  EXPECT_EQ(Apply("$apply=aggregate(recurrence_count with sum as s,recurrence_count with average as a)"),
            "s=sum(recurrence_count) a=average(recurrence_count) ");
  EXPECT_EQ(Apply("aggregate(createdon with min as first, createdon with max as last)"),
            "first=min(created_on) last=max(created_on) ");
  EXPECT_EQ(Apply("groupby((statuscode))"), "statuscode ");
  EXPECT_EQ(Apply("groupby((statuscode, _ownerid_value),aggregate($count as n))"),
            "statuscode _ownerid_value n=count() ");
  EXPECT_EQ(Apply("filter(scope eq 1)/filter(type eq 2 or type eq 3)/groupby((statuscode))"),
            "(scope = 1 and (type = 2 or type = 3)): statuscode ");
}

TEST(AggregationTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(Apply("sum(scope)"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 1: expected filter, groupby or"));
  EXPECT_THAT(Apply("filter(scope eq 1)"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 19: expected \"/\""));
  EXPECT_THAT(Apply("filter(nope eq 1)/aggregate($count as n)"),
              StartsWith("QUERY_BUILDER_NO_ATTRIBUTE at character 8"));
  EXPECT_THAT(Apply("aggregate(name with sum as s)"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 21: expected a column with numbers before this"));
  EXPECT_THAT(Apply("aggregate(status_code with max as s)"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 28"));
  EXPECT_THAT(
      Apply("aggregate(recurrence_count with countdistinct as s)"),
      StartsWith("QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 33: expected sum, average, min or max"));
  EXPECT_THAT(Apply("aggregate($count as 1x)"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 21: expected a name"));
  EXPECT_THAT(Apply("aggregate($count as n,$count as n)"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 33: the name"));
  EXPECT_THAT(Apply("groupby((scope),aggregate($count as scope))"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 37"));
  EXPECT_THAT(Apply("groupby(scope)"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 9: expected \"(\""));
  EXPECT_THAT(Apply("groupby((description))"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 10: large text"));
  EXPECT_THAT(Apply("groupby((scope))/filter(scope eq 1)"),
              StartsWith("QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 17: nothing can follow"));
  EXPECT_THAT(Apply("aggregate($count as n) x"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 24: expected the end"));
}

TEST(AggregationTest, CountsTheConditionsOfAllFilters) {
  std::string text;
  for (int i = 0; i < 501; ++i) text += "filter(scope eq 1)/";
  EXPECT_THAT(Apply(text + "groupby((scope))"), StartsWith("TOO_MANY_CONDITIONS_IN_QUERY at character 9508"));
}

}  // namespace
}  // namespace journeyfeed::query
