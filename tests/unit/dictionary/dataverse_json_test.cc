#include "storage/dictionary/dataverse_json.h"

#include <gtest/gtest.h>

#include "storage/base/utf8.h"
#include "storage/dictionary/error_reason.h"
#include "storage/dictionary/write_plan.h"
#include "tests/unit/dictionary/facts.h"
#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

using Lines = std::vector<std::string>;
namespace cj = customerjourney::v1;

CustomerJourney Read(std::string_view json, std::uint64_t* present = nullptr) {
  CustomerJourney journey;
  const auto result = FromDataverseJson(Journeys(), json, &journey, present);
  EXPECT_TRUE(result) << result.error().message;
  return journey;
}

Lines Refused(std::string_view json) {
  CustomerJourney journey;
  return Listed(FromDataverseJson(Journeys(), json, &journey, nullptr));
}

TEST(DataverseJson, ReadsThePublishedCreateBody) {
  std::uint64_t present = 0;
  const CustomerJourney journey = Read(ReadData("seed_create.json"), &present);
  EXPECT_EQ(journey.name(), "Simple Email Sample");
  EXPECT_EQ(journey.required_consent(), cj::REQUIRED_CONSENT_CONSENT);
  EXPECT_EQ(journey.customer_journey_designer_state(), R"({"NextActivityID":8,"NextActivityItemID":42})");
  EXPECT_EQ(journey.workflow_definition().substr(0, 30), R"([{"ActivityTypeId":"bpf_root",)");
  EXPECT_EQ(journey.customer_journey_time_zone(), 92);
  EXPECT_EQ(journey.content_settings_id(), "1922b1d8-0523-e911-a9ba-000d3a1e689f");
  EXPECT_EQ(journey.start_date_time().seconds(), 1'549'711'740);
  EXPECT_EQ(journey.end_date_time().seconds(), 1'552'130'940);
  EXPECT_TRUE(journey.has_is_recurring());
  EXPECT_FALSE(journey.is_recurring());
  EXPECT_EQ(journey.type(), cj::CUSTOMER_JOURNEY_TYPE_AUTOMATED);
  EXPECT_TRUE(journey.has_entity_target());
  EXPECT_EQ(journey.status_code(), cj::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  EXPECT_TRUE(journey.has_state_code());
  EXPECT_EQ(journey.owner_id(), "d0e20c01-d6c6-480f-aab5-0fa6749565a5");
  EXPECT_EQ(journey.owner_id_type(), "systemuser");
  EXPECT_EQ(Names(Journeys(), present).size(), 15u);
  EXPECT_TRUE(PlanCreate(Journeys(), journey));
}

TEST(DataverseJson, WritesWhatItCanReadAgain) {
  CustomerJourney journey = Read(ReadData("seed_create.json"));
  journey.set_id(std::string(kId));
  journey.mutable_created_on()->set_seconds(1'549'711'740);
  journey.mutable_created_on()->set_nanos(123'456'000);
  journey.set_version_number(9'007'199'254'740'993);  // not exactly representable as a double
  const std::string json = ToDataverseJson(Journeys(), journey);
  EXPECT_EQ(Read(json).SerializeAsString(), journey.SerializeAsString());
}

TEST(DataverseJson, WritesLogicalNamesNumbersAndUtcTimes) {
  CustomerJourney journey = SomeJourney();
  journey.set_id(std::string(kId));
  journey.set_entity_target(cj::CUSTOMER_JOURNEY_ENTITY_TARGET_CONTACT);
  journey.mutable_start_date_time()->set_seconds(1'549'711'740);
  journey.set_content_settings_id(std::string(kId));
  journey.set_owner_id(std::string(kId));
  journey.set_owner_id_type("team");
  journey.set_status_code(cj::CUSTOMER_JOURNEY_STATUS_CODE_LIVE);
  EXPECT_EQ(ToDataverseJson(Journeys(), journey),
            R"({"msdyncrm_customerjourneyid":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc",)"
            R"("msdyncrm_name":"Simple Email Sample","msdyncrm_entitytarget":0,)"
            R"("msdyncrm_startdatetime":"2019-02-09T11:29:00Z",)"
            R"("_msdyncrm_contentsettingsid_value":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc",)"
            R"("_ownerid_value":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc","owneridtype":"team",)"
            R"("statuscode":192350001})");
}

TEST(DataverseJson, KeysHaveAnyCase) {
  const CustomerJourney journey = Read(R"j({
    "MSDYNCRM_Name": "x",
    "msdyncrm_CONTENTSETTINGSID@odata.bind": "/msdyncrm_contentsettings({6628BBF7-C52A-E911-A9B7-000D3A1E6ADC})"
  })j");
  EXPECT_EQ(journey.name(), "x");
  EXPECT_EQ(journey.content_settings_id(), kId);
}

TEST(DataverseJson, BindsAcceptEverySpellingOfTheSet) {
  for (const char* set : {"/msdyncrm_contentsettingss", "/msdyncrm_contentsettings", "msdyncrm_contentsettingses",
                          "https://org.example/api/data/v9.0/msdyncrm_contentsettingss"}) {
    const std::string bound = std::string(set) + "(" + std::string(kId) + ")";
    EXPECT_EQ(Read("{\"msdyncrm_contentsettingsId@odata.bind\": \"" + bound + "\"}").content_settings_id(), kId) << set;
  }
}

TEST(DataverseJson, OwnerBindSetsTheType) {
  EXPECT_EQ(Read(R"j({"ownerid@odata.bind": "/teams(6628bbf7-c52a-e911-a9b7-000d3a1e6adc)"})j").owner_id_type(),
            "team");
  const char* agreeing = R"j({
    "ownerid@odata.bind": "/teams(6628bbf7-c52a-e911-a9b7-000d3a1e6adc)", "owneridtype": "team"
  })j";
  EXPECT_EQ(Read(agreeing).owner_id_type(), "team");
  const char* contradicting = R"j({
    "ownerid@odata.bind": "/teams(6628bbf7-c52a-e911-a9b7-000d3a1e6adc)", "owneridtype": "systemuser"
  })j";
  EXPECT_EQ(Refused(contradicting), Lines{"INVALID_ARGUMENT owneridtype"});
}

TEST(DataverseJson, NullIsNamedButHasNoValue) {
  std::uint64_t present = 0;
  const CustomerJourney journey =
      Read(R"({"msdyncrm_description": null, "msdyncrm_SuppressionSegmentId@odata.bind": null})", &present);
  EXPECT_FALSE(journey.has_description());
  EXPECT_EQ(Names(Journeys(), present), (Lines{"description", "suppression_segment_id"}));
}

TEST(DataverseJson, AnnotationsAreIgnored) {
  std::uint64_t present = 0;
  Read(R"({
    "@odata.context": "x",
    "@odata.etag": "1",
    "statuscode@OData.Community.Display.V1.FormattedValue": "Draft",
    "@odata.type": "#Microsoft.Dynamics.CRM.msdyncrm_customerjourney",
    "_msdyncrm_contentsettingsid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "msdyncrm_contentsettings",
    "msdyncrm_SuppressionSegmentId@odata.navigationLink": "x",
    "msdyncrm_customerjourney_Tasks@odata.navigationLink": "x",
    "msdyncrm_name": "x"
  })",
       &present);
  EXPECT_EQ(Names(Journeys(), present), Lines{"name"});
}

TEST(DataverseJson, AllThatIsWrongIsListed) {
  const char* body = R"j({
    "a": 1,
    "b@odata.bind": "/x(1)",
    "msdyncrm_SuppressionSegmentId@odata.bind": "/accounts(6628bbf7-c52a-e911-a9b7-000d3a1e6adc)",
    "msdyncrm_customerjourneyid": "x",
    "msdyncrm_enddatetime": "soon",
    "msdyncrm_isrecurring": 1,
    "msdyncrm_name": 7,
    "msdyncrm_recurrencecount": -1,
    "msdyncrm_recurrenceintervaldays": 1.5,
    "ownerid@odata.bind": "/systemusers(me)",
    "statuscode": 1,
    "timezoneruleversionnumber": 99999999999
  })j";
  EXPECT_EQ(
      Refused(body),
      (Lines{"QUERY_BUILDER_NO_ATTRIBUTE a", "QUERY_BUILDER_NO_ATTRIBUTE b@odata.bind",
             "INVALID_ARGUMENT msdyncrm_SuppressionSegmentId@odata.bind", "INVALID_ARGUMENT msdyncrm_customerjourneyid",
             "INVALID_DATE_TIME msdyncrm_enddatetime", "INVALID_ARGUMENT msdyncrm_isrecurring",
             "INVALID_ARGUMENT msdyncrm_name", "INTEGER_VALUE_OUT_OF_RANGE msdyncrm_recurrencecount",
             "INVALID_ARGUMENT msdyncrm_recurrenceintervaldays", "INVALID_OWNER_ID ownerid@odata.bind",
             "PICKLIST_VALUE_OUT_OF_RANGE statuscode", "INTEGER_VALUE_OUT_OF_RANGE timezoneruleversionnumber"}));
}

TEST(DataverseJson, TwoKeysOfAColumnMustAgree) {
  EXPECT_EQ(Refused(R"({"msdyncrm_name": "x", "MSDYNCRM_NAME": "y"})"), Lines{"INVALID_ARGUMENT MSDYNCRM_NAME"});
  EXPECT_EQ(Refused(R"({"msdyncrm_name": "x", "msdyncrm_name": "y"})"), Lines{"INVALID_ARGUMENT msdyncrm_name"});
  EXPECT_EQ(Refused(R"({"msdyncrm_name": "x", "msdyncrm_name": null})"), Lines{"INVALID_ARGUMENT msdyncrm_name"});
  EXPECT_EQ(Refused(R"({"msdyncrm_name": {"a": 1}, "msdyncrm_name": "y"})"), Lines{"INVALID_ARGUMENT msdyncrm_name"});
  EXPECT_EQ(Read(R"({"msdyncrm_name": "x", "statuscode": 192350000, "msdyncrm_name": "x"})").name(), "x");
  const char* lookups = R"j({
    "msdyncrm_ContentSettingsId@odata.bind": "/msdyncrm_contentsettingss(6628bbf7-c52a-e911-a9b7-000d3a1e6adc)",
    "_msdyncrm_contentsettingsid_value": "7628bbf7-c52a-e911-a9b7-000d3a1e6adc"
  })j";
  EXPECT_EQ(Refused(lookups), Lines{"INVALID_ARGUMENT _msdyncrm_contentsettingsid_value"});
}

// A key that is silently dropped would look as if it had been stored.
TEST(DataverseJson, MisspeltAnnotationsAreRefused) {
  for (const char* key : {"msdyncrm_SuppressionSegmentId@odata.bnd", "msdyncrm_SuppressionSegmentId@bind",
                          "msdyncrm_SuppressionSegmentId@odata.bind ", "msdyncrm_SuppressionSegmentId@odta.bind",
                          "msdyncrm_SuppressionSegmentId@", "msdyncrm_SuppressionSegmentId @odata.bind",
                          "msdyncrm_SuppressionSegmentId@@odata.bind", "@odata.bind", "@odata.bnd", "@",
                          "msdyncrm_nam@odata.type", "stauscode@OData.Community.Display.V1.FormattedValue"}) {
    const std::string body = std::string("{\"") + key + "\": \"/msdyncrm_segments(" + std::string(kId) + ")\"}";
    EXPECT_EQ(Refused(body), Lines{std::string("QUERY_BUILDER_NO_ATTRIBUTE ") + key});
  }
}

TEST(DataverseJson, LongKeysAreCutBetweenCharacters) {
  std::string letters;
  for (int i = 0; i < 60; ++i) letters += "é";
  for (const std::string& key : {letters, "x" + letters}) {
    const Lines refused = Refused("{\"" + key + "\": 1}");
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_TRUE(IsValidUtf8(refused[0])) << refused[0];
    EXPECT_TRUE(refused[0].ends_with("…")) << refused[0];
    EXPECT_LT(refused[0].size(), 140u);
  }
}

TEST(DataverseJson, WhatIsNoObjectIsRefused) {
  CustomerJourney journey = SomeJourney();
  for (const char* json : {"", "[]", "7", "{", "{\"a\":}", "null"}) {
    const auto result = FromDataverseJson(Journeys(), json, &journey, nullptr);
    ASSERT_FALSE(result) << json;
    EXPECT_EQ(result.error().reason, entity::v1::ERROR_REASON_INVALID_ARGUMENT);
  }
  EXPECT_FALSE(journey.has_name());
}

TEST(DataverseJson, NulAndTooLongTextsAreRefused) {
  EXPECT_EQ(Refused(R"({"msdyncrm_name": "a\u0000b"})"), Lines{"INVALID_ARGUMENT msdyncrm_name"});
  EXPECT_EQ(Refused(R"({"msdyncrm_name": ")" + std::string(101, 'x') + "\"}"),
            Lines{"STRING_LENGTH_TOO_LONG msdyncrm_name"});
}

TEST(DataverseJson, SessionsGoThereAndBack) {
  JourneyRunSession session;
  const std::string json =
      R"({"msdynmkt_journeyrunsessionid":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc","partitionid":"p","msdynmkt_name":"n",)"
      R"("msdynmkt_journeyrunid":"r","msdynmkt_session":"\u20ac{}","ttlinseconds":60})";
  ASSERT_TRUE(FromDataverseJson(Sessions(), json, &session, nullptr));
  EXPECT_EQ(session.session(), "\u20ac{}");
  JourneyRunSession copy;
  ASSERT_TRUE(FromDataverseJson(Sessions(), ToDataverseJson(Sessions(), session), &copy, nullptr));
  EXPECT_EQ(copy.SerializeAsString(), session.SerializeAsString());
}

}  // namespace
}  // namespace journeyfeed::dictionary
