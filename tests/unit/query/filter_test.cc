// $filter: the condition that a text gives, and where a bad text is bad.
#include "services/query/filter.h"

#include <gmock/gmock.h>

#include "tests/unit/query/describe.h"

namespace journeyfeed::query {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Case {
  const char* text;
  const char* expected;
};

TEST(FilterTest, ReadsConditions) {
  static constexpr Case kCases[] = {
      {"", "everything"},
      {"statuscode eq 192350001", "status_code = 192350001"},
      {"$filter=statuscode eq 192350001", "status_code = 192350001"},
      {" $filter=  status_code\teq\n192350001 ", "status_code = 192350001"},
      {"msdyncrm_name ne 'it''s'", "name != 'it's'"},
      {"name eq ''", "name = ''"},
      {"recurrence_count gt -3", "recurrence_count > -3"},
      {"recurrence_count ge 1 and recurrence_count lt 2 and recurrence_count le 3",
       "(recurrence_count >= 1 and recurrence_count < 2 and recurrence_count <= 3)"},
      {"scope eq null", "scope is null"},
      {"scope ne null", "not (scope is null)"},
      {"is_recurring eq true or is_recurring ne false", "(is_recurring = true or is_recurring != false)"},
      {"_ownerid_value eq 6628BBF7-C52A-E911-A9B7-000D3A1E6ADC", "owner_id = 6628bbf7-c52a-e911-a9b7-000d3a1e6adc"},
      {"ownerid eq {6628bbf7-c52a-e911-a9b7-000d3a1e6adc}", "owner_id = 6628bbf7-c52a-e911-a9b7-000d3a1e6adc"},
      {"owner_id eq '6628bbf7-c52a-e911-a9b7-000d3a1e6adc'", "owner_id = 6628bbf7-c52a-e911-a9b7-000d3a1e6adc"},
      {"createdon ge 2019-03-09T11:29:00+02:00", "created_on >= 2019-03-09T09:29:00Z"},
      {"createdon ge 2019-03-09", "created_on >= 2019-03-09T00:00:00Z"},
      {"start_date_time lt end_date_time", "start_date_time < end_date_time"},
      {"name eq purpose", "name = purpose"},
      {"_createdby_value ne _modifiedby_value", "created_by != modified_by"},
      {"status_code in (1, 2,3)", "status_code in (1, 2, 3)"},
      {"name in ('a','b')", "name in ('a', 'b')"},
      {"state_code eq 0 or state_code eq 1 and scope eq 2", "(state_code = 0 or (state_code = 1 and scope = 2))"},
      {"(state_code eq 0 or state_code eq 1) and scope eq 2", "((state_code = 0 or state_code = 1) and scope = 2)"},
      {"not (scope eq 1) and not not scope eq 2", "(not (scope = 1) and not (not (scope = 2)))"},
      {"contains(name,'x')", "name like %'x'%"},
      {"startswith( name , 'x' )", "name like 'x'%"},
      {"endswith(name,'x')", "name like %'x'"},
      {"not contains(description,'a_b%c')", "not (description like %'a'_'b'%'c'%)"},
      {"startswith(name,'50[%] [_] [[] ]')", "name like '50% _ [ ]'%"},
      {"startswith(name,'[a-c]')", "name matches [97-99]%"},
      {"startswith(name,'[a-Z]')", "name matches [97-122]%"},
      {"startswith(name,'[^x1-3-]')", "name matches [^45-45 49-51 120-120]%"},
      {"startswith(name,'[0-B]')", "name matches [48-66 97-98]%"},
      {"startswith(name,'[а-Я]')", "name matches [1072-1103]%"},
      {"startswith(name,'[ΣĀ-Ă]')", "name matches [257-260 963-963]%"},
      {"contains(name,'ä[ö]')", "name like %'äö'%"},
  };
  for (const auto& [text, expected] : kCases) EXPECT_EQ(Filter(text), expected) << text;
}

// A column holds microseconds; a literal may be finer.
TEST(FilterTest, TimesCompareAsWritten) {
  static constexpr Case kCases[] = {
      {"createdon eq 2024-02-29T10:00:00.1234560Z", "created_on = 2024-02-29T10:00:00.123456Z"},
      {"createdon eq 2024-02-29T10:00:00.1234561Z", "never created_on"},
      {"createdon ne 2024-02-29T10:00:00.1234561Z", "not (never created_on)"},
      {"createdon lt 2024-02-29T10:00:00.1234561Z", "created_on <= 2024-02-29T10:00:00.123456Z"},
      {"createdon le 2024-02-29T10:00:00.1234561Z", "created_on <= 2024-02-29T10:00:00.123456Z"},
      {"createdon gt '2024-02-29T12:00:00.1234561+02:00'", "created_on > 2024-02-29T10:00:00.123456Z"},
      {"createdon ge 2024-02-29T10:00:00.00000000001Z", "created_on > 2024-02-29T10:00:00Z"},
      {"createdon in (2024-02-29T10:00:00.5Z,2024-02-29T10:00:00.0000001Z)",
       "created_on in (2024-02-29T10:00:00.500000Z)"},
      {"not (createdon in (2024-02-29T10:00:00.0000001Z))", "not (never created_on)"},
      {"Microsoft.Dynamics.CRM.NotIn(PropertyName='createdon',PropertyValues=['2024-02-29T10:00:00.0000001Z'])",
       "not (never created_on)"},
      {"Microsoft.Dynamics.CRM.Between(PropertyName='createdon',PropertyValues=['2024-02-29T10:00:00.0000001Z',"
       "'2024-02-29T10:00:00.0000009Z'])",
       "(created_on > 2024-02-29T10:00:00Z and created_on <= 2024-02-29T10:00:00Z)"},
      {"Microsoft.Dynamics.CRM.OnOrBefore(PropertyName='createdon',PropertyValue='2024-02-29T23:59:59.9999999Z')",
       "(created_on < 2024-03-01T00:00:00Z)"},
  };
  for (const auto& [text, expected] : kCases) EXPECT_EQ(Filter(text), expected) << text;
}

TEST(FilterTest, ReadsFunctions) {
  const auto function = [](const std::string& name, const std::string& arguments) {
    return Filter("Microsoft.Dynamics.CRM." + name + "(PropertyName=" + arguments + ")");
  };
  EXPECT_EQ(function("In", "'statuscode',PropertyValues=[\"1\",\"2\"]"), "status_code in (1, 2)");
  EXPECT_EQ(function("In", "'name', PropertyValues = ['1']"), "name in ('1')");
  EXPECT_EQ(function("NotIn", "'statuscode',PropertyValues=['1']"), "not (status_code in (1))");
  EXPECT_EQ(function("Between", "'recurrence_count',PropertyValues=[\"1\",\"9\"]"),
            "(recurrence_count >= 1 and recurrence_count <= 9)");
  EXPECT_EQ(function("NotBetween", "'name',PropertyValues=['a','b']"), "not ((name >= 'a' and name <= 'b'))");
  EXPECT_EQ(function("Today", "'createdon'"),
            "(created_on >= 2024-05-15T00:00:00Z and created_on < 2024-05-16T00:00:00Z)");
  EXPECT_EQ(function("OnOrBefore", "'createdon',PropertyValue='2024-02-29'"), "(created_on < 2024-03-01T00:00:00Z)");
  EXPECT_EQ(function("NotOn", "'createdon',PropertyValue=2024-02-29T23:00:00Z"),
            "not ((created_on >= 2024-02-29T00:00:00Z and created_on < 2024-03-01T00:00:00Z))");
  EXPECT_EQ(function("OlderThanXMonths", "'createdon',PropertyValue=3"), "(created_on < 2024-02-15T10:20:30.500000Z)");
  EXPECT_EQ(function("EqualUserId", "'ownerid'"), "owner_id = " + Uuid::FromName("me").ToString());
  EXPECT_EQ(function("NotEqualUserId", "'_ownerid_value'"), "owner_id != " + Uuid::FromName("me").ToString());
}

TEST(FilterTest, SaysWhatIsWrongAndWhere) {
  static constexpr Case kCases[] = {
      {"status eq 1",
       "QUERY_BUILDER_NO_ATTRIBUTE at character 1: \"status\" is not a column of msdyncrm_customerjourney"},
      {"name eq 'ä' and x eq 1", "QUERY_BUILDER_NO_ATTRIBUTE at character 17: "},
      {"_name_value eq 1", "QUERY_BUILDER_NO_ATTRIBUTE at character 1: "},
      {"statuscode eq 'abc'",
       "QUERY_BUILDER_BAD_CONDITION at character 15: expected a whole number for status_code, found \"abc\""},
      {"statuscode eq 1.5", "QUERY_BUILDER_BAD_CONDITION at character 15: expected a whole number"},
      {"statuscode eq '1'", "QUERY_BUILDER_BAD_CONDITION at character 15: expected a whole number"},
      {"statuscode eq 99999999999999999999", "QUERY_BUILDER_BAD_CONDITION at character 15: expected a whole number"},
      {"statuscode eq name", "QUERY_BUILDER_BAD_CONDITION at character 15: expected a column of the same type"},
      {"name eq 1",
       "QUERY_BUILDER_BAD_CONDITION at character 9: expected a text in single quotes for name, found \"1\""},
      {"name eq 'a", "QUERY_BUILDER_BAD_CONDITION at character 9: the text that begins here has no closing quote"},
      {"ownerid eq 12", "QUERY_BUILDER_BAD_CONDITION at character 12: expected a UUID"},
      {"createdon eq yesterday", "QUERY_BUILDER_BAD_CONDITION at character 14: expected an ISO 8601 time"},
      {"createdon lt 9999-12-31T23:59:59Z",
       "QUERY_BUILDER_BAD_CONDITION at character 14: expected an ISO 8601 time within 1753-01-01 and 9999-12-30"},
      {"createdon eq 0001-01-01", "QUERY_BUILDER_BAD_CONDITION at character 14: expected an ISO 8601 time within 1753"},
      {"is_recurring eq 1", "QUERY_BUILDER_BAD_CONDITION at character 17: expected true or false"},
      {"is_recurring gt true", "QUERY_BUILDER_BAD_CONDITION at character 14: expected eq or ne"},
      {"name gt null", "QUERY_BUILDER_BAD_CONDITION at character 9: expected a value"},
      {"name", "QUERY_BUILDER_BAD_CONDITION at character 5: expected eq, ne, gt, ge, lt, le or in, but the text ends"},
      {"name is 'x'",
       "QUERY_BUILDER_BAD_CONDITION at character 6: expected eq, ne, gt, ge, lt, le or in, found \"is\""},
      {"name eq", "QUERY_BUILDER_BAD_CONDITION at character 8: expected a text in single quotes"},
      {"name eq 'a' name eq 'b'", "QUERY_BUILDER_BAD_CONDITION at character 13: expected and, or or the end"},
      {"name eq 'a' and", "QUERY_BUILDER_BAD_CONDITION at character 16: expected a condition, but the text ends"},
      {"(name eq 'a'", "QUERY_BUILDER_BAD_CONDITION at character 13: expected and, or or \")\", but the text ends"},
      {"name eq 'a')", "QUERY_BUILDER_BAD_CONDITION at character 12: expected and, or or the end, found \")\""},
      {"()", "QUERY_BUILDER_BAD_CONDITION at character 2: expected a condition, found \")\""},
      {"'a' eq name", "QUERY_BUILDER_BAD_CONDITION at character 1: expected a condition"},
      {"name eq 'a'; drop table x", "QUERY_BUILDER_BAD_CONDITION at character 12: this character"},
      {"status_code in ()", "QUERY_BUILDER_BAD_CONDITION at character 17: expected a whole number"},
      {"status_code in (1", "QUERY_BUILDER_BAD_CONDITION at character 18: expected \",\" or \")\""},
      {"status_code in 1", "QUERY_BUILDER_BAD_CONDITION at character 16: expected \"(\""},
      {"length(name) eq 3", "QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 1: expected a function of filters"},
      {"Microsoft.Dynamics.CRM.Nope(PropertyName='name')", "QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 1"},
      {"Microsoft.Dynamics.CRM.ThisFiscalYear(PropertyName='createdon')",
       "QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 1: fiscal periods are not supported"},
      {"Microsoft.Dynamics.CRM.Under(PropertyName='id',PropertyValue='x')",
       "QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 1: Under needs records"},
      {"Microsoft.Dynamics.CRM.Today(PropertyName='name')",
       "QUERY_BUILDER_BAD_CONDITION at character 43: expected a column with times, found \"name\""},
      {"Microsoft.Dynamics.CRM.Today(PropertyName=name)", "QUERY_BUILDER_BAD_CONDITION at character 43"},
      {"Microsoft.Dynamics.CRM.Today('createdon')",
       "QUERY_BUILDER_BAD_CONDITION at character 30: expected PropertyName"},
      {"Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=0)",
       "QUERY_BUILDER_BAD_CONDITION at character 73: expected a whole number from 1 to 2147483647, found \"0\""},
      {"Microsoft.Dynamics.CRM.Between(PropertyName='name',PropertyValues=['a'])",
       "QUERY_BUILDER_BAD_CONDITION at character 51: expected two values"},
      {"contacts/any(c:c/name eq 'x')", "QUERY_BUILDER_NO_ATTRIBUTE at character 1"},
      {"owner_id/name eq 'x'",
       "QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 9: conditions on related records"},
      {"contains(status_code,'x')", "QUERY_BUILDER_BAD_CONDITION at character 10: expected a column with text"},
      {"contains(name,'[ab')", "QUERY_BUILDER_BAD_CONDITION at character 15: the pattern has a [ without ]"},
      {"contains(name,'[]')", "QUERY_BUILDER_BAD_CONDITION at character 15: the pattern has an empty set"},
      {"contains(name,'[z-a]')", "QUERY_BUILDER_BAD_CONDITION at character 15: the pattern has a range"},
      {"recurrence_count add 1 eq 2", "QUERY_BUILDER_BAD_CONDITION at character 18: expected eq, ne"},
  };
  for (const auto& [text, expected] : kCases) EXPECT_THAT(Filter(text), StartsWith(expected)) << text;
}

TEST(FilterTest, ElasticTablesCompareNoColumns) {
  EXPECT_THAT(Filter("name eq journey_run_id", OptionsFor(Sessions())),
              StartsWith("QUERY_BUILDER_INVALID_CONDITION_OPERATOR at character 9: an elastic table"));
}

std::string Repeated(std::string_view part, std::size_t count, std::string_view between = "") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text.append(i == 0 ? "" : between).append(part);
  return text;
}

TEST(FilterTest, CountsConditions) {
  EXPECT_THAT(Filter(Repeated("scope eq 1", 500, " or ")), StartsWith("(scope = 1 or"));
  EXPECT_THAT(Filter(Repeated("scope eq 1", 501, " or ")),
              StartsWith("TOO_MANY_CONDITIONS_IN_QUERY at character 7001: more than 500 conditions"));
  EXPECT_THAT(Filter("status_code in (" + Repeated("1", 5000, ",") + ")"), StartsWith("status_code in"));
  EXPECT_THAT(Filter("status_code in (" + Repeated("1", 5001, ",") + ")"),
              StartsWith("TOO_MANY_CONDITION_PARAMETERS_IN_QUERY at character 10017"));
}

TEST(FilterTest, BoundsDepthAndLength) {
  const auto nested = [](std::size_t depth) { return Repeated("(", depth) + "scope eq 1" + Repeated(")", depth); };
  EXPECT_EQ(Filter(nested(100)), "scope = 1");
  EXPECT_THAT(
      Filter(nested(101)),
      StartsWith("QUERY_BUILDER_BAD_CONDITION at character 101: parentheses and not are nested deeper than 100"));
  EXPECT_THAT(Filter(Repeated("not ", 101) + "scope eq 1"), HasSubstr("at character 401: "));
  EXPECT_THAT(Filter(Repeated("(", 200'000)), HasSubstr("at character 101: "));
  EXPECT_THAT(Filter(Repeated("(", 1 << 20)),
              StartsWith("QUERY_BUILDER_BAD_CONDITION at character 262145: longer than"));
  EXPECT_THAT(Filter("contains(name,'" + Repeated("_a", 2000) + "')"), HasSubstr("too many wildcards"));
}

// No value of a column contains a text with more UTF-16 units than the column holds, so the condition is constant.
TEST(FilterTest, WhatIsLongerThanTheColumnIsNever) {
  const auto contains = [](const std::string& column, const std::string& text) {
    return Filter("contains(" + column + ",'" + text + "')");
  };
  EXPECT_THAT(contains("name", Repeated("x", 100)), StartsWith("name like %'x"));
  EXPECT_EQ(contains("name", Repeated("x", 101)), "never name");
  EXPECT_THAT(contains("name", "[ab]" + Repeated("x", 100)), StartsWith("name matches %[97-98]'x"));
  EXPECT_EQ(contains("name", "[ab]" + Repeated("x", 40'000)), "never name");
  EXPECT_EQ(contains("name", Repeated("x", 60) + "%[ab]_" + Repeated("x", 60)), "never name");
  EXPECT_EQ(Filter("not endswith(name,'" + Repeated("x", 101) + "')"), "not (never name)");
  EXPECT_THAT(Filter("name eq '" + Repeated("x", 100) + "'"), StartsWith("name = 'x"));
  EXPECT_EQ(Filter("name eq '" + Repeated("x", 101) + "'"), "never name");
  EXPECT_EQ(Filter("name ne '" + Repeated("x", 101) + "'"), "not (never name)");
  EXPECT_EQ(Filter("name in ('a','" + Repeated("x", 101) + "')"), "name in ('a')");
  EXPECT_THAT(Filter("name lt '" + Repeated("x", 101) + "'"), StartsWith("name < 'x"));
  // Characters above U+FFFF are two units.
  EXPECT_THAT(contains("name", Repeated("\U0001f680", 50)), StartsWith("name like"));
  EXPECT_EQ(contains("name", Repeated("\U0001f680", 51)), "never name");
  // The capital I with a dot is one unit, and two when case-folded.
  EXPECT_THAT(contains("name", Repeated("i\u0307", 100)), StartsWith("name like"));
  EXPECT_EQ(contains("name", Repeated("i\u0307", 101)), "never name");
}

TEST(FilterTest, BoundsTheWorkOfPatterns) {
  const auto contains = [](const std::string& text) { return "contains(workflow_definition,'" + text + "')"; };
  constexpr char kAtTheText[] = "QUERY_BUILDER_BAD_CONDITION at character 30: ";
  EXPECT_THAT(Filter(contains("[ab]" + Repeated("x", 3999))), HasSubstr(" matches %[97-98]'x"));
  EXPECT_EQ(Filter(contains("[ab]" + Repeated("x", 4000))),
            kAtTheText + std::string("patterns with sets, or patterns on large text, are too long"));
  EXPECT_THAT(Filter(contains(Repeated("[ab]", 98))), HasSubstr(" matches %[97-98]"));
  EXPECT_EQ(Filter(contains(Repeated("[ab]", 99))),
            kAtTheText + std::string("patterns with sets, or long patterns on large text, have too many wildcards"));
  EXPECT_THAT(Filter(contains(Repeated("[ab]", 90) + Repeated("x", 200))), HasSubstr("too long"));
  EXPECT_THAT(Filter(contains("[" + Repeated("ac", 5000) + "]")), HasSubstr(" matches %[97-97 99-99]%"));
  // For all patterns of a query together.
  const std::string one = "contains(name,'[ab]')";
  EXPECT_THAT(Filter(Repeated(one, 30, " or ")), StartsWith("(name matches"));
  EXPECT_THAT(Filter(Repeated(one, 31, " or ")), HasSubstr("there are too many patterns with sets"));
  EXPECT_THAT(Filter(Repeated(contains("[ab]" + Repeated("x", 2001)), 2, " or ")), HasSubstr("too long"));
  // Without sets the product of both lengths decides: a long pattern over large text becomes a regular expression.
  EXPECT_THAT(Filter(contains(Repeated("x", 90))), HasSubstr(" like "));
  EXPECT_THAT(Filter(contains(Repeated("x", 100))), HasSubstr(" matches "));
  EXPECT_THAT(Filter(contains(Repeated("x", 5001))), HasSubstr("too long"));
  EXPECT_THAT(Filter("startswith(workflow_definition,'" + Repeated("x", 20'000) + "')"), HasSubstr(" like "));
  EXPECT_THAT(Filter("contains(description,'" + Repeated("x", 5000) + "')"), HasSubstr(" like "));
}

TEST(FilterTest, NeverRepeatsALongText) {
  EXPECT_LT(Filter("name eq " + Repeated("ä", 10'000)).size(), 200U);
  EXPECT_LT(Filter("statuscode eq '" + Repeated("ä", 10'000) + "'").size(), 200U);
}

}  // namespace
}  // namespace journeyfeed::query
