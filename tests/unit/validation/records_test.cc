// Which records a journey uses, and the faults that follow from their state.
#include <gmock/gmock.h>

#include <map>

#include "services/customer_journey/journey_reads.h"
#include "tests/unit/validation/journeys.h"

namespace journeyfeed::customer_journey::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr char kOther[] = "24db2671-1529-e911-a9b7-000d3a1e6adc";

class Known final : public RecordStates {
 public:
  std::map<std::string, RecordState> states;
  std::vector<RecordState> StatesOf(std::span<const RecordUse> uses) const override {
    std::vector<RecordState> answer;
    for (const RecordUse& use : uses)
      answer.push_back(states.contains(use.id) ? states.at(use.id) : RecordState::kNotSaid);
    return answer;
  }
};

class Silent final : public RecordStates {
  std::vector<RecordState> StatesOf(std::span<const RecordUse>) const override { return {}; }
};

std::vector<Fault> FaultsWith(const CustomerJourney& journey, RecordState state) {
  Known known;
  known.states[kOther] = state;
  return Validate(journey, {.records = &known}).faults;
}

TEST(RecordStates, WhatIsNotUsableIsToldWhereItIsUsed) {
  struct Case {
    std::string activity;
    std::vector<Fault> faults;
  };
  const Case cases[] = {
      {"email2", {Error(Rule::kEmailNotLive, "email2", {kOther})}},
      {"email",
       {Error(Rule::kEmailNotLive, "email", {kOther}), Error(Rule::kConditionSourceNotLive, "trigger", {"3"})}},
      {"workflow", {Error(Rule::kWorkflowNotUsable, "workflow", {kOther})}},
      {"linkedin", {Error(Rule::kContentNotLive, "linkedin", {"LinkedInCampaign", kOther})}},
      {"page", {Error(Rule::kContentNotLive, "page", {"LandingPage", kOther})}},
      {"event", {Error(Rule::kContentNotLive, "event", {"Event", kOther})}},
      {"survey", {Error(Rule::kContentNotLive, "survey", {"Survey", kOther})}},
      {"form", {Error(Rule::kContentNotLive, "form", {"MarketingForm", kOther})}},
      {"activity", {Error(Rule::kContentNotLive, "activity", {"CreateCrmActivity", kOther})}},
      {"segment", {Error(Rule::kSegmentNotLive, "segment", {kOther})}},
  };
  for (const Case& used : cases) {
    SCOPED_TRACE(used.activity);
    json definition = GoodDefinition();
    HeaderAt(definition, used.activity)["ItemId"] = "{24DB2671-1529-E911-A9B7-000D3A1E6ADC}";
    const CustomerJourney journey = JourneyOf(definition);
    EXPECT_THAT(FaultsWith(journey, RecordState::kMissing), ElementsAreArray(used.faults));
    EXPECT_THAT(FaultsWith(journey, RecordState::kNotLive), ElementsAreArray(used.faults));
    EXPECT_THAT(FaultsWith(journey, RecordState::kUsable), IsEmpty());
    EXPECT_THAT(FaultsWith(journey, RecordState::kNotSaid), IsEmpty());
  }
}

TEST(RecordStates, ColumnsToo) {
  CustomerJourney journey = JourneyOf(GoodDefinition());
  journey.set_suppression_segment_id(kOther);
  EXPECT_THAT(FaultsWith(journey, RecordState::kNotLive), ElementsAre(Error(Rule::kSegmentNotLive, "", {kOther})));
  journey.clear_suppression_segment_id();
  journey.set_content_settings_id(kOther);
  EXPECT_THAT(FaultsWith(journey, RecordState::kNotLive),
              ElementsAre(Error(Rule::kContentSettingsNotLive, "", {kOther}),
                          Error(Rule::kConditionSourceNotLive, "trigger", {"3"})));
}

TEST(RecordStates, ContentSettingsOfAJourneyThatDoesNotMailDoNotMatter) {
  json definition = GoodDefinition();
  definition.erase(definition.begin() + 2, definition.end());
  CustomerJourney journey = JourneyOf(definition);
  journey.set_content_settings_id(kOther);
  EXPECT_THAT(FaultsWith(journey, RecordState::kNotLive), IsEmpty());
}

TEST(RecordStates, ALargeEmailIsAWarning) {
  json definition = GoodDefinition();
  HeaderAt(definition, "email2")["ItemId"] = kOther;
  HeaderAt(definition, "page")["ItemId"] = kOther;  // meaningless for a page
  const CustomerJourney journey = JourneyOf(definition);
  EXPECT_THAT(FaultsWith(journey, RecordState::kTooLarge),
              ElementsAre(Error(Rule::kEmailTooLarge, "email2", {kOther})));
  EXPECT_EQ(Describe(Rule::kEmailTooLarge).level, Level::kWarning);
}

TEST(RecordStates, SayingNothingIsNoFault) {
  const Silent silent;
  EXPECT_THAT(Validate(JourneyOf(GoodDefinition()), {.records = &silent}).faults, IsEmpty());
}

TEST(JourneyReferences, AreTheColumnsAndThenTheItemsInOrder) {
  json definition = GoodDefinition();
  At(definition, "segment")["Properties"]["Items"][1]["SegmentSourceType"] = "List";
  HeaderAt(definition, "activity")["ItemId"] = kId;
  HeaderAt(definition, "activity")["TemplateEntityLogicalName"] = "msdyncrm_tasktemplate";
  CustomerJourney journey = JourneyOf(definition);
  journey.set_suppression_segment_id("{24DB2671-1529-E911-A9B7-000D3A1E6ADC}");
  const auto response = ReferencesOf(journey);
  EXPECT_FALSE(response.incomplete());
  std::vector<std::string> found;
  for (const auto& reference : response.references()) {
    found.push_back(reference.activity_id() + " " + reference.entity_logical_name() +
                    (reference.has_activity_item_id() ? " " + std::to_string(reference.activity_item_id()) : ""));
    EXPECT_EQ(reference.id(), found.size() == 2 ? kOther : kId);
    EXPECT_NE(reference.kind(), customerjourney::v1::JOURNEY_REFERENCE_KIND_UNSPECIFIED);
  }
  EXPECT_THAT(found, ElementsAre(" msdyncrm_contentsettings", " msdyncrm_segment", "segment  2",
                                 "email msdyncrm_marketingemail 3", "email2 msdyncrm_marketingemail 5",
                                 "workflow workflow 11", "activity msdyncrm_tasktemplate 13",
                                 "linkedin msdyncrm_linkedincampaign 14", "page msdyncrm_marketingpage 15",
                                 "event msevtmgt_event 16", "survey  17", "form msdyncrm_marketingform 18"));
}

TEST(JourneyReferences, OfABrokenDefinitionAreThoseBeforeTheBreak) {
  CustomerJourney journey = JourneyOf(GoodDefinition());
  const std::string whole = journey.workflow_definition();
  journey.set_workflow_definition(whole.substr(0, whole.size() - 1));
  EXPECT_TRUE(ReferencesOf(journey).incomplete());
  EXPECT_GT(ReferencesOf(journey).references_size(), 5);
  journey.clear_workflow_definition();
  EXPECT_FALSE(ReferencesOf(journey).incomplete());
  EXPECT_EQ(ReferencesOf(journey).references_size(), 1);
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
