// The journeys of the documentation that this service follows, as printed there.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include "services/customer_journey/validate_request.h"
#include "storage/dictionary/dataverse_json.h"
#include "tests/unit/validation/journeys.h"

namespace journeyfeed::customer_journey::testing {
namespace {

namespace v1 = customerjourney::v1;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

v1::ValidateRequest SeedRequest() {
  v1::ValidateRequest request;
  const auto read =
      google::protobuf::util::JsonStringToMessage(ReadFile(JOURNEYFEED_SEEDS "/seed_validate.json"), &request);
  EXPECT_TRUE(read.ok()) << read.ToString();
  return request;
}

TEST(ValidationSeed, TheBodyGivesItsOneEntryByteForByte) {
  v1::ValidateRequest request = SeedRequest();
  const auto journey = ReadValidateRequest(request);
  ASSERT_TRUE(journey) << journey.error().message;
  const v1::ValidateResponse response = ToResponse(Validate(*journey, {}));
  EXPECT_EQ(
      response.validation_result(),
      R"({"ActivityValidationResults":[{"ActivityId":"","Fault":"ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations","Result":"Error","ErrorMessageArguments":[]}],"Result":"Error"})");
  EXPECT_EQ(response.result(), v1::VALIDATION_LEVEL_ERROR);
  ASSERT_EQ(response.activity_validation_results_size(), 1);
  const v1::ActivityValidationResult& entry = response.activity_validation_results(0);
  EXPECT_EQ(entry.activity_id(), "");
  EXPECT_EQ(entry.fault(), "ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations");
  EXPECT_EQ(entry.result(), v1::VALIDATION_LEVEL_ERROR);
  EXPECT_EQ(entry.error_message_arguments_size(), 0);
}

TEST(ValidationSeed, EveryParameterArrives) {
  v1::ValidateRequest request = SeedRequest();
  std::vector<const google::protobuf::FieldDescriptor*> given;
  request.GetReflection()->ListFields(request, &given);
  EXPECT_EQ(given.size(), 14u);
  const auto journey = ReadValidateRequest(request);
  ASSERT_TRUE(journey);
  std::vector<const google::protobuf::FieldDescriptor*> columns;
  journey->GetReflection()->ListFields(*journey, &columns);
  EXPECT_EQ(columns.size(), 14u);
  EXPECT_EQ(journey->id(), "{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}");
  EXPECT_EQ(journey->status_code(), v1::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  EXPECT_EQ(journey->name(), "Sample Customer Journey");
  EXPECT_EQ(journey->end_date_time().seconds() - journey->start_date_time().seconds(), 28 * 86'400);
  EXPECT_EQ(journey->recurrence_count(), 3);
  EXPECT_EQ(journey->recurrence_interval_days(), 30);
  EXPECT_EQ(journey->required_consent(), v1::REQUIRED_CONSENT_CONSENT);
  EXPECT_EQ(journey->customer_journey_time_zone(), 92);
}

TEST(ValidationSeed, TheDraftHasNoFaultUntilItGoesLive) {
  CustomerJourney draft;
  const auto read = dictionary::FromDataverseJson(dictionary::Describe(CustomerJourney::descriptor()),
                                                  ReadFile(JOURNEYFEED_DRAFTS "/seed_create.json"), &draft, nullptr);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(Validate(draft, {}).faults, IsEmpty());
  const Timestamp today{1'780'000'000'000'000};
  EXPECT_THAT(Validate(draft, {.going_live_at = today}).faults, ElementsAreArray({Error(Rule::kEndInPast)}));
  draft.mutable_end_date_time()->set_seconds(1'790'000'000);
  EXPECT_THAT(Validate(draft, {.going_live_at = today}).faults, IsEmpty());
}

TEST(ValidateRequest, EveryValueThatNoColumnHoldsIsListed) {
  v1::ValidateRequest request;
  request.set_field_value_customer_journey_id("journey");
  request.set_field_value_status_code(static_cast<v1::CustomerJourneyStatusCode>(7));
  request.set_field_value_name(std::string(101, 'n'));
  request.mutable_field_value_start_date_time()->set_nanos(-1);
  request.mutable_field_value_end_date_time()->set_seconds(std::numeric_limits<std::int64_t>::min());
  request.set_field_value_workflow_definition(std::string(1'048'577, ' '));
  request.set_field_value_recurrence_interval_days(-1);
  request.set_field_value_recurrence_count(-1);
  request.set_field_value_required_consent(static_cast<v1::RequiredConsent>(587030000));
  request.set_field_value_content_settings_id("");
  request.set_field_value_entity_target(static_cast<v1::CustomerJourneyEntityTarget>(2));
  request.set_field_value_suppression_segment_id("{}");
  request.set_field_value_customer_journey_time_zone(1501);
  const auto journey = ReadValidateRequest(request);
  ASSERT_FALSE(journey);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : journey.error().violations) fields.push_back(violation.field);
  EXPECT_THAT(fields,
              ::testing::UnorderedElementsAre(
                  "field_value_customer_journey_id", "field_value_status_code", "field_value_name",
                  "field_value_start_date_time", "field_value_end_date_time", "field_value_workflow_definition",
                  "field_value_recurrence_interval_days", "field_value_recurrence_count",
                  "field_value_required_consent", "field_value_content_settings_id", "field_value_entity_target",
                  "field_value_suppression_segment_id", "field_value_customer_journey_time_zone"));
}

TEST(ValidateRequest, EveryParameterIsAColumn) {
  for (int i = 0; i < v1::ValidateRequest::descriptor()->field_count(); ++i) {
    const auto& field = *v1::ValidateRequest::descriptor()->field(i);
    v1::ValidateRequest request;
    const auto& reflection = *request.GetReflection();
    if (field.cpp_type() == field.CPPTYPE_MESSAGE) reflection.MutableMessage(&request, &field);
    if (field.cpp_type() == field.CPPTYPE_STRING) reflection.SetString(&request, &field, kId);
    if (field.cpp_type() == field.CPPTYPE_INT32) reflection.SetInt32(&request, &field, 1);
    if (field.cpp_type() == field.CPPTYPE_BOOL) reflection.SetBool(&request, &field, true);
    if (field.cpp_type() == field.CPPTYPE_ENUM)
      reflection.SetEnumValue(&request, &field,
                              field.enum_type()->value(field.enum_type()->value_count() - 1)->number());
    EXPECT_TRUE(ReadValidateRequest(request)) << field.name();
    EXPECT_TRUE(field.json_name().starts_with("FieldValue")) << field.json_name();
  }
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
