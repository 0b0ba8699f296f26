// Every rule that the journey itself decides, each with a journey that breaks only this rule.
#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "tests/unit/validation/journeys.h"

namespace journeyfeed::customer_journey::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using enum Rule;

struct Case {
  const char* name;
  std::function<void(CustomerJourney& journey, json& definition)> spoil;
  std::vector<Fault> faults;
};

// Cases that break only the definition, or only the journey.
std::function<void(CustomerJourney&, json&)> D(std::function<void(json&)> spoil) {
  return [spoil](CustomerJourney&, json& definition) { spoil(definition); };
}
std::function<void(CustomerJourney&, json&)> J(std::function<void(CustomerJourney&)> spoil) {
  return [spoil](CustomerJourney& journey, json&) { spoil(journey); };
}

constexpr std::int64_t kDay = 86'400;

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      // Columns.
      {"no name", J([](auto& j) { j.clear_name(); }), {Error(kNameMissing)}},
      {"blank name", J([](auto& j) { j.set_name(" \t"); }), {Error(kNameMissing)}},
      {"no start",
       J([](auto& j) { j.clear_start_date_time(); }),
       {Error(kStartAfterEnd, "", {"msdyncrm_startdatetime"})}},
      {"neither start nor end",
       J([](auto& j) {
         j.clear_start_date_time();
         j.clear_end_date_time();
       }),
       {Error(kStartAfterEnd, "", {"msdyncrm_startdatetime", "msdyncrm_enddatetime"})}},
      {"end at the start",
       J([](auto& j) { *j.mutable_end_date_time() = j.start_date_time(); }),
       {Error(kStartAfterEnd)}},
      {"no zone", J([](auto& j) { j.clear_customer_journey_time_zone(); }), {Error(kTimeZoneMissing)}},
      {"unknown zone", J([](auto& j) { j.set_customer_journey_time_zone(-7); }), {Error(kTimeZoneUnknown, "", {"-7"})}},
      {"no count, no interval",
       J([](auto& j) { j.set_is_recurring(true); }),
       {Error(kRecurrenceValuesMissing, "", {"msdyncrm_recurrencecount", "msdyncrm_recurrenceintervaldays"})}},
      {"a count of 0",
       J([](auto& j) {
         j.set_is_recurring(true);
         j.set_recurrence_interval_days(1);
         j.set_recurrence_count(0);
       }),
       {Error(kRecurrenceValuesMissing, "", {"msdyncrm_recurrencecount"})}},
      {"one day too long",
       J([](auto& j) {
         j.set_is_recurring(true);
         j.set_recurrence_interval_days(31);
         j.set_recurrence_count(1);
       }),
       {Error(kRecurrenceDoesNotFit)}},
      {"as many as there can be",
       J([](auto& j) {
         j.set_is_recurring(true);
         j.set_recurrence_interval_days(2'147'483'647);
         j.set_recurrence_count(2'147'483'647);
       }),
       {Error(kRecurrenceDoesNotFit)}},
      {"no content settings",
       [](auto& j, json& d) {
         j.clear_content_settings_id();
         HeaderAt(d, "trigger")["ConditionExpressions"][0]["SourceActivityItemId"] = 15;
       },
       {Error(kContentSettingsNotLive)}},
      // The definition as a whole.
      {"not an array", D([](json& d) { d = json::object(); }), {Error(kDefinitionInvalid, "", {"not an array"})}},
      {"a text", D([](json& d) { d = "text"; }), {Error(kDefinitionInvalid, "", {"not an array"})}},
      {"nothing in it", D([](json& d) { d = json::array(); }), {Error(kRootMissing)}},
      {"no root",
       D([](json& d) {
         d = {Tile("a", "CreateLead", "b", 0, 1), Tile("b", "CreateLead", "a", 0, 2)};
       }),
       {Error(kRootMissing), Error(kCycle, "a", {"a", "b"})}},
      {"two roots",
       D([](json& d) {
         json root = At(d, "root");
         root["ActivityId"] = "again";
         root["Properties"]["Items"][0]["ActivityItemId"] = 99;
         d.push_back(root);
       }),
       {Error(kRootDuplicate, "again")}},
      // Activities.
      {"an entry that is none",
       D([](json& d) { d.insert(d.begin() + 1, 7); }),
       {Error(kActivityInvalid, "", {"1", "not an object"})}},
      {"an entry that is an array",
       D([](json& d) {
         d.push_back({1, 2});
       }),
       {Error(kActivityInvalid, "", {"18", "not an object"})}},
      {"a branch that is a text",
       D([](json& d) { At(d, "lead")["ParentBranchId"] = "0"; }),
       {Error(kActivityInvalid, "lead", {"ParentBranchId", "wrong type"})}},
      {"a branch that is half",
       D([](json& d) { At(d, "lead")["ParentBranchId"] = 0.5; }),
       {Error(kActivityInvalid, "lead", {"ParentBranchId", "wrong type"})}},
      {"a branch beyond all numbers",
       D([](json& d) { At(d, "lead")["ParentBranchId"] = 18446744073709551615U; }),
       {Error(kActivityInvalid, "lead", {"ParentBranchId", "wrong type"})}},
      {"properties that are an array",
       D([](json& d) { At(d, "lead")["Properties"] = json::array(); }),
       {Error(kActivityInvalid, "lead", {"Properties", "wrong type"})}},
      {"items that are an object",
       D([](json& d) { At(d, "lead")["Properties"]["Items"] = json::object(); }),
       {Error(kActivityInvalid, "lead", {"Properties.Items", "wrong type"})}},
      {"no type",
       D([](json& d) { At(d, "form").erase("ActivityTypeId"); }),
       {Error(kActivityInvalid, "form", {"ActivityTypeId", "missing"})}},
      {"no id", D([](json& d) { At(d, "form").erase("ActivityId"); }), {Error(kActivityIdMissing, "", {"17"})}},
      {"an id twice",
       D([](json& d) { At(d, "form")["ActivityId"] = "empty"; }),
       {Error(kActivityIdDuplicate, "empty", {"17"})}},
      {"a type of one's own",
       D([](json& d) {
         At(d, "form")["ActivityTypeId"] = "Parrot";
         HeaderAt(d, "form")["ActivityTypeId"] = "Parrot";
       }),
       {Error(kActivityTypeUnknown, "form", {"Parrot"})}},
      {"no parent", D([](json& d) { At(d, "page").erase("ParentActivityId"); }), {Error(kParentMissing, "page")}},
      {"a parent that is null",
       D([](json& d) { At(d, "page")["ParentActivityId"] = nullptr; }),
       {Error(kParentMissing, "page")}},
      {"a root with a parent",
       D([](json& d) { At(d, "root")["ParentActivityId"] = "gone"; }),
       {Error(kParentMissing, "root", {"gone"})}},
      {"an unknown parent",
       D([](json& d) { At(d, "page")["ParentActivityId"] = "gone"; }),
       {Error(kParentUnknown, "page", {"gone"})}},
      {"its own parent",
       D([](json& d) {
         At(d, "page")["ParentActivityId"] = "page";
         At(d, "page")["ParentBranchId"] = 1;
       }),
       {Error(kCycle, "page", {"page"})}},
      {"its own ancestor",
       D([](json& d) {
         At(d, "page")["ParentActivityId"] = "survey";
         At(d, "page")["ParentBranchId"] = 1;
       }),
       {Error(kCycle, "page", {"page", "survey", "event"})}},
      {"no branch", D([](json& d) { At(d, "lead").erase("ParentBranchId"); }), {Error(kBranchInvalid, "lead")}},
      {"a branch below 0", D([](json& d) { At(d, "lead")["ParentBranchId"] = -1; }), {Error(kBranchInvalid, "lead")}},
      {"a branch twice",
       D([](json& d) { At(d, "branch2")["ParentBranchId"] = 0; }),
       {Error(kBranchDuplicate, "branch2", {"0"})}},
      {"no relationship",
       D([](json& d) { At(d, "lead").erase("ParentRelationshipType"); }),
       {Error(kRelationshipInvalid, "lead", {""})}},
      {"an unknown relationship",
       D([](json& d) { At(d, "lead")["ParentRelationshipType"] = "Maybe"; }),
       {Error(kRelationshipInvalid, "lead", {"Maybe"})}},
      {"default below a trigger",
       D([](json& d) { At(d, "empty")["ParentRelationshipType"] = "default"; }),
       {Error(kRelationshipInvalid, "empty", {"default"})}},
      {"yes below an email",
       D([](json& d) { At(d, "trigger")["ParentRelationshipType"] = "yesBranch"; }),
       {Error(kRelationshipInvalid, "trigger", {"yesBranch"})}},
      {"yes twice",
       D([](json& d) {
         At(d, "empty")["ParentRelationshipType"] = "YESBRANCH";
         At(d, "empty")["ParentBranchId"] = 1;
       }),
       {Error(kTriggerBranchDuplicate, "empty", {"YESBRANCH"})}},
      {"a branch below a page",
       D([](json& d) {
         json branch = Tile("stray", "SplitterBranch", "page", 1, 99);
         d.push_back(branch);
       }),
       {Error(kSplitterBranchMisplaced, "stray", {"LandingPage"})}},
      {"an email first",
       D([](json& d) {
         At(d, "email")["ParentActivityId"] = "root";
         At(d, "email")["ParentBranchId"] = 1;
       }),
       {Error(kAudienceMissing, "email", {"Email"})}},
      {"only a root", D([](json& d) { d = json::array({At(d, "root")}); }), {Error(kAudienceMissing, "root")}},
      {"accounts in a journey of contacts",
       D([](json& d) { At(d, "lead")["EntityTarget"] = "account"; }),
       {Error(kEntityTargetInvalid, "lead", {"account"})}},
      {"a target of one's own",
       [](auto& j, json& d) {
         j.set_entity_target(customerjourney::v1::CUSTOMER_JOURNEY_ENTITY_TARGET_ACCOUNT);
         At(d, "lead")["EntityTarget"] = "lead";
       },
       {Error(kEntityTargetInvalid, "lead", {"lead"})}},
      // Items.
      {"an item that is none",
       D([](json& d) { At(d, "segment")["Properties"]["Items"].push_back("x"); }),
       {Error(kItemInvalid, "segment", {"2", "Properties.Items", "not an object"})}},
      {"an item without a type",
       D([](json& d) { HeaderAt(d, "lead").erase("ActivityTypeId"); }),
       {Error(kItemInvalid, "lead", {"0", "ActivityTypeId", "missing"})}},
      {"another's header",
       D([](json& d) { HeaderAt(d, "lead")["ActivityTypeId"] = "Splitter"; }),
       {Error(kItemInvalid, "lead", {"0", "ActivityTypeId", "not the type of the activity"})}},
      {"an item without a number",
       D([](json& d) { HeaderAt(d, "lead").erase("ActivityItemId"); }),
       {Error(kItemInvalid, "lead", {"0", "ActivityItemId", "missing"})}},
      {"an item whose number is a text",
       D([](json& d) { HeaderAt(d, "lead")["ActivityItemId"] = "12"; }),
       {Error(kItemInvalid, "lead", {"0", "ActivityItemId", "wrong type"})}},
      {"a record that is no UUID",
       D([](json& d) { HeaderAt(d, "email2")["ItemId"] = "mail"; }),
       {Error(kItemInvalid, "email2", {"0", "ItemId", "not a UUID"})}},
      {"a number twice",
       D([](json& d) { HeaderAt(d, "form")["ActivityItemId"] = 2; }),
       {Error(kItemIdDuplicate, "form", {"2"})}},
      // Tiles.
      {"no items",
       D([](json& d) { At(d, "lead").erase("Properties"); }),
       {Error(kTileNotConfigured, "lead", {"Properties.Items"})}},
      {"no segment",
       D([](json& d) { At(d, "segment")["Properties"]["Items"].erase(1); }),
       {Error(kTileNotConfigured, "segment", {"SegmentItem"})}},
      {"a segment that is not chosen",
       D([](json& d) { At(d, "segment")["Properties"]["Items"][1]["ItemId"] = nullptr; }),
       {Error(kSegmentNotLive, "segment")}},
      {"no condition",
       D([](json& d) { HeaderAt(d, "trigger").erase("ConditionExpressions"); }),
       {Error(kTileNotConfigured, "trigger", {"ConditionExpressions"})}},
      {"a condition about nothing",
       D([](json& d) { HeaderAt(d, "trigger")["ConditionExpressions"][0].erase("Condition"); }),
       {Error(kTileNotConfigured, "trigger", {"Condition"})}},
      {"a condition that is none",
       D([](json& d) { HeaderAt(d, "trigger")["ConditionExpressions"].push_back(1); }),
       {Error(kItemInvalid, "trigger", {"0", "ConditionExpressions", "not an object"})}},
      {"no source",
       D([](json& d) { HeaderAt(d, "trigger")["ConditionExpressions"][0].erase("SourceActivityItemId"); }),
       {Error(kTriggerSourceUnknown, "trigger")}},
      {"a source that is not there",
       D([](json& d) { HeaderAt(d, "trigger")["ConditionExpressions"][0]["SourceActivityItemId"] = 77; }),
       {Error(kTriggerSourceUnknown, "trigger", {"77"})}},
      {"no wait",
       D([](json& d) { HeaderAt(d, "scheduler").erase("OffsetType"); }),
       {Error(kTileNotConfigured, "scheduler", {"OffsetType"})}},
      {"no kind of activity",
       D([](json& d) { HeaderAt(d, "activity").erase("ActivityTypeName"); }),
       {Error(kTileNotConfigured, "activity", {"ActivityTypeName"})}},
      {"a splitter that does not split",
       D([](json& d) { d.push_back(Tile("s", "Splitter", "form", 0, 99)); }),
       {Error(kTileNotConfigured, "s", {"SplitterBranch"})}},
      {"no email", D([](json& d) { HeaderAt(d, "email2")["ItemId"] = nullptr; }), {Error(kEmailNotLive, "email2")}},
      {"no page",
       D([](json& d) { HeaderAt(d, "page").erase("ItemId"); }),
       {Error(kContentNotLive, "page", {"LandingPage"})}},
      {"no nested form",
       D([](json& d) { At(d, "email2")["Properties"]["Items"].push_back(Item("MarketingForm", 99)); }),
       {Error(kContentNotLive, "email2", {"MarketingForm"})}},
      {"no workflow",
       D([](json& d) { HeaderAt(d, "workflow")["ItemId"] = nullptr; }),
       {Error(kWorkflowNotUsable, "workflow")}},
      // The email is a tile too.
      {"a condition about no email",
       D([](json& d) { HeaderAt(d, "email")["ItemId"] = nullptr; }),
       {Error(kEmailNotLive, "email"), Error(kConditionSourceNotLive, "trigger", {"3"})}},
  };
  return cases;
}

TEST(ValidationRules, EachIsToldWhereItIsBrokenAndNowhereElse) {
  for (const Case& broken : Cases()) {
    SCOPED_TRACE(broken.name);
    CustomerJourney journey = GoodColumns();
    json definition = GoodDefinition();
    broken.spoil(journey, definition);
    journey.set_workflow_definition(definition.dump());
    EXPECT_THAT(Validate(journey, {}).faults, ElementsAreArray(broken.faults));
  }
}

TEST(ValidationRules, AGoodJourneyHasNoFault) {
  const auto result = Validate(JourneyOf(GoodDefinition()), {});
  EXPECT_THAT(result.faults, IsEmpty());
  EXPECT_EQ(ToDataverseJson(result), R"({"ActivityValidationResults":[],"Result":"Valid"})");
}

TEST(ValidationRules, EveryRuleIsTested) {
  // The remaining rules need other records, a clock, or too much of something: they have separate tests.
  std::set<std::string> tested = {
      std::string(Describe(kEndInPast).code), std::string(Describe(kDefinitionTooLarge).code),
      std::string(Describe(kEmailTooLarge).code), std::string(Describe(kTooManyFaults).code)};
  for (const Case& broken : Cases())
    for (const Fault& fault : broken.faults) tested.insert(fault.code);
  for (const RuleText& rule : AllRules()) EXPECT_TRUE(tested.contains(std::string(rule.code))) << rule.code;
}

TEST(ValidationRules, TheClockCountsOnlyWhenGoingLive) {
  const CustomerJourney journey = JourneyOf(GoodDefinition());
  const Timestamp end{journey.end_date_time().seconds() * 1'000'000};
  EXPECT_THAT(Validate(journey, {}).faults, IsEmpty());
  EXPECT_THAT(Validate(journey, {.going_live_at = Timestamp{end.micros - 1}}).faults, IsEmpty());
  EXPECT_THAT(Validate(journey, {.going_live_at = end}).faults, ElementsAreArray({Error(kEndInPast)}));
}

TEST(ValidationRules, TheEndIsThatOfTheJourneysClock) {
  CustomerJourney journey = JourneyOf(GoodDefinition());
  journey.set_customer_journey_time_zone(235);  // Tokyo: nine hours before UTC
  const Timestamp end{(journey.end_date_time().seconds() - 9 * 3600) * 1'000'000};
  EXPECT_THAT(Validate(journey, {.going_live_at = Timestamp{end.micros - 1}}).faults, IsEmpty());
  EXPECT_THAT(Validate(journey, {.going_live_at = end}).faults, ElementsAreArray({Error(kEndInPast)}));
}

TEST(ValidationRules, IterationsMayFillTheJourneyToTheMinute) {
  CustomerJourney journey = JourneyOf(GoodDefinition());
  journey.set_is_recurring(true);
  journey.set_recurrence_count(3);
  journey.set_recurrence_interval_days(10);
  EXPECT_THAT(Validate(journey, {}).faults, IsEmpty());
  journey.mutable_end_date_time()->set_seconds(journey.end_date_time().seconds() - 1);
  EXPECT_THAT(Validate(journey, {}).faults, ElementsAreArray({Error(kRecurrenceDoesNotFit)}));
  // Seconds of the start do not count.
  *journey.mutable_end_date_time() = JourneyOf({}).end_date_time();
  journey.mutable_start_date_time()->set_seconds(journey.start_date_time().seconds() + 59);
  EXPECT_THAT(Validate(journey, {}).faults, IsEmpty());
}

TEST(ValidationRules, CountAndIntervalOfOneThatDoesNotRecurMeanNothing) {
  CustomerJourney journey = JourneyOf(GoodDefinition());
  journey.set_recurrence_count(1000);
  journey.set_recurrence_interval_days(1000);
  EXPECT_THAT(Validate(journey, {}).faults, IsEmpty());
  journey.mutable_end_date_time()->set_seconds(journey.start_date_time().seconds() + kDay);
  EXPECT_THAT(Validate(journey, {}).faults, IsEmpty());
}

TEST(ValidationRules, AccountsHaveTilesOfBothKinds) {
  json definition = GoodDefinition();
  At(definition, "lead")["EntityTarget"] = "Account";
  CustomerJourney journey = JourneyOf(definition);
  journey.set_entity_target(customerjourney::v1::CUSTOMER_JOURNEY_ENTITY_TARGET_ACCOUNT);
  EXPECT_THAT(Validate(journey, {}).faults, IsEmpty());
}

TEST(ValidationRules, AllFaultsComeAtOnceInOrder) {
  CustomerJourney journey;
  json definition = GoodDefinition();
  HeaderAt(definition, "form")["ItemId"] = nullptr;
  At(definition, "email")["ParentBranchId"] = -1;
  At(definition, "email")["ParentRelationshipType"] = "x";
  journey.set_workflow_definition(definition.dump());
  EXPECT_THAT(Validate(journey, {}).faults,
              ElementsAreArray(
                  {Error(kNameMissing), Error(kStartAfterEnd, "", {"msdyncrm_startdatetime", "msdyncrm_enddatetime"}),
                   Error(kTimeZoneMissing), Error(kContentSettingsNotLive), Error(kBranchInvalid, "email"),
                   Error(kRelationshipInvalid, "email", {"x"}), Error(kConditionSourceNotLive, "trigger", {"3"}),
                   Error(kContentNotLive, "form", {"MarketingForm"})}));
}

TEST(ValidationRules, WarningsDoNotBlock) {
  json definition = GoodDefinition();
  At(definition, "form")["ActivityTypeId"] = HeaderAt(definition, "form")["ActivityTypeId"] = "Channel";
  const auto result = Validate(JourneyOf(definition), {});
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(
      ToDataverseJson(result),
      R"({"ActivityValidationResults":[{"ActivityId":"form","Fault":"WarningActivityTypeUnknown","Result":"Warning","ErrorMessageArguments":["Channel"]}],"Result":"Warning"})");
}

TEST(ValidationRules, NamesOfTheDefinitionAreEscaped) {
  json definition = GoodDefinition();
  const std::string id = "a\"\\\n\x01\xC3\xA4";
  HeaderAt(definition, "form")["ItemId"] = nullptr;
  At(definition, "form")["ActivityId"] = id;
  const json answer = json::parse(ToDataverseJson(Validate(JourneyOf(definition), {})));
  EXPECT_EQ(answer["ActivityValidationResults"][0]["ActivityId"], id);
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
