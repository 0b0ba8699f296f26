// $orderby.
#include "services/query/order.h"

#include <gmock/gmock.h>

#include "tests/unit/query/describe.h"

namespace journeyfeed::query {
namespace {

using ::testing::StartsWith;

std::string Order(std::string_view text) {
  const auto parsed = ParseOrder(text, OptionsFor(Journeys()));
  if (!parsed) return DescribeProblem(text, parsed.error());
  std::string result;
  for (const OrderTerm& term : *parsed) result += term.column->name + (term.descending ? "- " : "+ ");
  return result;
}

TEST(OrderTest, ReadsColumns) {
  EXPECT_EQ(Order(""), "");
  EXPECT_EQ(Order("name"), "name+ ");
  EXPECT_EQ(Order("$orderby=createdon desc, msdyncrm_name asc,_ownerid_value"), "created_on- name+ owner_id+ ");
}

TEST(OrderTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(Order("nope desc"), StartsWith("QUERY_BUILDER_NO_ATTRIBUTE at character 1: "));
  EXPECT_THAT(Order("name descending"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 6: expected asc, desc"));
  EXPECT_THAT(Order("name,"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 6: expected the name of a column"));
  EXPECT_THAT(Order("name,msdyncrm_name desc"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 6: the column is named"));
  EXPECT_THAT(Order("name,workflow_definition"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 6: large text"));
  EXPECT_THAT(Order("name; select 1"), StartsWith("QUERY_BUILDER_BAD_CONDITION at character 5: this character"));
  EXPECT_THAT(Order("scope,type,name,purpose,state_code,status_code,entity_target,is_recurring,owner_id,created_on,id"),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 95: more than 10 columns"));
}

}  // namespace
}  // namespace journeyfeed::query
