// Validate, RetrieveJourneyReferences, RetrieveJourneyIterations and the time zones, as a client of a server sees them;
// and journeyctl's validate and graph with the same server.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Stub = journeys::CustomerJourneyService::Stub;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

journeys::ValidateRequest SeedRequest() {
  journeys::ValidateRequest request;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(ReadFile(JOURNEYFEED_SEED_VALIDATE), &request).ok());
  return request;
}

Answer<journeys::ValidateResponse> Validate(const journeys::ValidateRequest& request) {
  return Journeys().Send(&Stub::Validate, request);
}

std::vector<std::string> FaultsOf(const journeys::ValidateResponse& response) {
  std::vector<std::string> faults;
  for (const auto& fault : response.activity_validation_results()) faults.push_back(fault.fault());
  return faults;
}

// Creates the journey of the documentation, with a suppression segment and three iterations of ten days. Returns its
// id.
std::string MakeSeedJourney() {
  const auto body = nlohmann::json::parse(ReadFile(JOURNEYFEED_SEED_CREATE));
  journeys::CreateRequest request;
  journeys::CustomerJourney& target = *request.mutable_target();
  target.set_name(body["msdyncrm_name"]);
  target.set_workflow_definition(body["msdyncrm_workflowdefinition"]);
  target.set_suppression_segment_id("{544A3E20-9B23-E911-A9B6-000D3A1E6C14}");
  target.set_content_settings_id("1922b1d8-0523-e911-a9ba-000d3a1e689f");
  target.mutable_start_date_time()->set_seconds(1711800000);  // 2024-03-30 12:00
  target.mutable_end_date_time()->set_seconds(1711800000 + 31 * 86'400);
  target.set_customer_journey_time_zone(110);
  target.set_is_recurring(true);
  target.set_recurrence_count(3);
  target.set_recurrence_interval_days(10);
  const auto created = Journeys().Send(&Stub::Create, request);
  EXPECT_TRUE(created.ok()) << created.ending;
  return created->id();
}

TEST(Validate, AnswersTheSeedAndStoresNothing) {
  const std::string before = StateOf(TheService().database_url);
  const auto answer = Validate(SeedRequest());
  ASSERT_TRUE(answer.ok()) << answer.ending;
  EXPECT_EQ(
      answer->validation_result(),
      R"({"ActivityValidationResults":[{"ActivityId":"","Fault":"ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations","Result":"Error","ErrorMessageArguments":[]}],"Result":"Error"})");
  EXPECT_THAT(FaultsOf(answer.response), ElementsAre("ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations"));
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

TEST(Validate, TheClockCountsForAJourneyThatGoesLive) {
  journeys::ValidateRequest request = SeedRequest();
  request.set_field_value_status_code(journeys::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE);
  EXPECT_THAT(FaultsOf(Validate(request).response), Contains("ErrorEndDateInPast"));
  request.set_field_value_status_code(journeys::CUSTOMER_JOURNEY_STATUS_CODE_LIVE);
  EXPECT_THAT(FaultsOf(Validate(request).response), Not(Contains("ErrorEndDateInPast")));
}

TEST(Validate, AnEmptyRequestIsAJourneyWithoutAnything) {
  const auto answer = Validate({});
  ASSERT_TRUE(answer.ok()) << answer.ending;
  EXPECT_EQ(answer->result(), journeys::VALIDATION_LEVEL_ERROR);
  EXPECT_THAT(FaultsOf(answer.response), ElementsAre("ErrorNameMissing", "ErrorStartDateAfterEndDate",
                                                     "ErrorTimeZoneMissing", "ErrorWorkflowDefinitionInvalid"));
}

TEST(Validate, ValuesThatNoColumnHoldsAreErrors) {
  journeys::ValidateRequest request = SeedRequest();
  request.set_field_value_customer_journey_id("x");
  request.set_field_value_entity_target(static_cast<journeys::CustomerJourneyEntityTarget>(5));
  request.set_field_value_recurrence_count(-1);
  request.set_field_value_workflow_definition(std::string(1'048'577, 'S'));
  const auto answer = Validate(request);
  EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  for (const char* field : {"field_value_customer_journey_id", "field_value_entity_target",
                            "field_value_recurrence_count", "field_value_workflow_definition"})
    EXPECT_TRUE(answer.ending.Violates(field)) << field << answer.ending;
  EXPECT_EQ(answer.ending.violations.size(), 4u);
  EXPECT_THAT(answer.ending.message, Not(HasSubstr("SSSS")));
}

TEST(Validate, TheLargestDefinitionIsChecked) {
  journeys::ValidateRequest request = SeedRequest();
  std::string text = "[";
  while (text.size() < 1'048'570) text += "[";
  request.set_field_value_workflow_definition(text);
  const auto answer = Validate(request);
  ASSERT_TRUE(answer.ok()) << answer.ending;
  EXPECT_THAT(FaultsOf(answer.response), Contains("ErrorWorkflowDefinitionInvalid"));
}

TEST(Validate, LeavesNothingOfTheDefinitionInTheLog) {
  TestServer server(TheService().postgres.CreateDatabase("validated"), {"--log-level", "debug"});
  JourneyClient client(server.channel());
  journeys::ValidateRequest request = SeedRequest();
  for (const char* text : {"SECRET-DEFINITION", "[{\"ActivityId\":\"SECRET-ACTIVITY\"}]"}) {
    request.set_field_value_workflow_definition(text);
    EXPECT_TRUE(client.Send(&Stub::Validate, request).ok());
  }
  request.set_field_value_name("SECRET-NAME" + std::string(100, 'n'));
  EXPECT_FALSE(client.Send(&Stub::Validate, request).ok());
  ASSERT_EQ(server.process().Terminate(), 0);
  EXPECT_THAT(server.process().log(), HasSubstr("Validate"));
  EXPECT_THAT(server.process().log(), Not(HasSubstr("SECRET")));
}

TEST(RetrieveJourneyReferences, ListsWhatTheSeedUses) {
  journeys::RetrieveJourneyReferencesRequest request;
  request.mutable_target()->set_id(MakeSeedJourney());
  const auto answer = Journeys().Send(&Stub::RetrieveJourneyReferences, request);
  ASSERT_TRUE(answer.ok()) << answer.ending;
  std::vector<std::string> found;
  for (const auto& reference : answer->references())
    found.push_back(reference.activity_id() + " " + reference.entity_logical_name() + " " + reference.id());
  EXPECT_THAT(found, ElementsAre(" msdyncrm_contentsettings 1922b1d8-0523-e911-a9ba-000d3a1e689f",
                                 " msdyncrm_segment 544a3e20-9b23-e911-a9b6-000d3a1e6c14",
                                 "01_0 msdyncrm_segment 24db2671-1529-e911-a9b7-000d3a1e6adc",
                                 "01_0_2 msdyncrm_marketingemail 15bd0ab8-c12a-e911-a9b6-000d3a1e6c14"));
  EXPECT_FALSE(answer->incomplete());
}

TEST(RetrieveJourneyIterations, AnswersTheirTimes) {
  journeys::RetrieveJourneyIterationsRequest request;
  request.mutable_target()->set_id(MakeSeedJourney());
  request.set_first_iteration_number(2);
  request.set_page_size(1);
  const auto answer = Journeys().Send(&Stub::RetrieveJourneyIterations, request);
  ASSERT_TRUE(answer.ok()) << answer.ending;
  EXPECT_EQ(answer->iteration_count(), 3);
  EXPECT_TRUE(answer->more_records());
  ASSERT_EQ(answer->iterations_size(), 1);
  // Berlin in summer: two hours ahead of UTC. The journey began in winter, one hour ahead.
  EXPECT_EQ(answer->iterations(0).start_date().seconds(), 1711800000 + 10 * 86'400 - 7200);
  EXPECT_EQ(answer->iterations(0).local_end_date().seconds(), 1711800000 + 20 * 86'400);
  EXPECT_EQ(answer->start_date().seconds(), 1711800000 - 3600);
  EXPECT_EQ(answer->time_zone().standard_name(), "W. Europe Standard Time");
}

TEST(JourneyReads, RefuseWhatTheyCannotRead) {
  journeys::RetrieveJourneyIterationsRequest iterations;
  iterations.set_first_iteration_number(-1);
  iterations.set_page_size(-1);
  iterations.set_session_token("token");
  const auto refused = Journeys().Send(&Stub::RetrieveJourneyIterations, iterations);
  EXPECT_EQ(refused.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  journeys::RetrieveJourneyReferencesRequest references;
  const auto nothing = Journeys().Send(&Stub::RetrieveJourneyReferences, references);
  EXPECT_EQ(nothing.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(nothing.ending.Violates("target")) << nothing.ending;
  references.mutable_target()->set_id("6628bbf7-c52a-e911-a9b7-000000000000");
  const auto missing = Journeys().Send(&Stub::RetrieveJourneyReferences, references);
  EXPECT_EQ(missing.ending.reason, "OBJECT_DOES_NOT_EXIST");
  iterations.clear_session_token();
  *iterations.mutable_target() = references.target();
  const auto negative = Journeys().Send(&Stub::RetrieveJourneyIterations, iterations);
  EXPECT_TRUE(negative.ending.Violates("first_iteration_number")) << negative.ending;
  EXPECT_TRUE(negative.ending.Violates("page_size")) << negative.ending;
}

TEST(GetAllTimeZonesWithDisplayName, ListsThem) {
  const auto answer =
      Journeys().Send(&Stub::GetAllTimeZonesWithDisplayName, journeys::GetAllTimeZonesWithDisplayNameRequest());
  ASSERT_TRUE(answer.ok()) << answer.ending;
  EXPECT_EQ(answer->time_zones_size(), 76);
  EXPECT_EQ(answer->time_zones(27).time_zone_code(), 92);
  EXPECT_EQ(answer->time_zones(27).tz_name(), "Etc/UTC");
}

// Runs journeyctl against the shared server. Returns its exit code and output.
std::pair<int, std::string> Journeyctl(const std::string& arguments) {
  const std::string line = std::string(JOURNEYCTL_BINARY) + " --address " + TheService().server.process().address() +
                           " " + arguments + " 2>&1";
  std::FILE* pipe = popen(line.c_str(), "r");
  std::string out;
  std::array<char, 4096> part;
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe)) out.append(part.data(), count);
  const int status = pclose(pipe);
  return {WEXITSTATUS(status), out};
}

TEST(JourneyctlValidate, AsksTheService) {
  const auto [code, out] = Journeyctl("validate " JOURNEYFEED_SEED_VALIDATE);
  EXPECT_EQ(code, 65);
  EXPECT_THAT(out, HasSubstr("Error ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations\n"));
  EXPECT_THAT(out, HasSubstr("1 error, 0 warnings: cannot go live"));
  const auto [good_code, good] = Journeyctl("validate " JOURNEYFEED_SEED_CREATE);
  EXPECT_EQ(good_code, 0);
  EXPECT_EQ(good, "0 errors, 0 warnings: may go live\n");
}

TEST(JourneyctlGraph, DrawsAStoredJourney) {
  const auto [code, out] = Journeyctl("graph " + MakeSeedJourney());
  EXPECT_EQ(code, 0) << out;
  EXPECT_THAT(out, HasSubstr("digraph journey {"));
  EXPECT_THAT(out, HasSubstr("a1 -> a2;"));
  EXPECT_THAT(out, Not(HasSubstr("red")));
  EXPECT_EQ(Journeyctl("graph 6628bbf7-c52a-e911-a9b7-000000000000").first, 5);
}

}  // namespace
}  // namespace journeyfeed::testing
