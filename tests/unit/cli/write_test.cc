// Create, Retrieve, Update, Upsert and Delete, as the service sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WriteCommands : public ::testing::Test {
 protected:
  Ran Journeyctl(Arguments arguments, const std::string& input = "") {
    arguments.insert(arguments.end(), {"--address", service_.address});
    return RunCli(arguments, input);
  }

  FakeService service_;
};

TEST_F(WriteCommands, CreateTakesTheBodyOfTheSeedAsItIs) {
  const Ran ran = Journeyctl({"create", "journey", JOURNEYFEED_SEEDS "/create_journey.json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const journey::CustomerJourney& target = service_.journeys.created.target();
  EXPECT_EQ(target.name(), "Simple Email Sample");
  EXPECT_EQ(target.content_settings_id(), "1922b1d8-0523-e911-a9ba-000d3a1e689f");
  EXPECT_EQ(target.owner_id(), "d0e20c01-d6c6-480f-aab5-0fa6749565a5");
  EXPECT_EQ(target.status_code(), journey::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  EXPECT_EQ(target.start_date_time().seconds(), 1549711740);
  EXPECT_THAT(target.workflow_definition(), HasSubstr("TC407937_DynamicSegment_2KZQ1p"));
  EXPECT_EQ(ran.lines().at(0), nlohmann::json::parse(R"({"id":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc",
      "version_number":7,"session_token":"session-token"})"));
}

TEST_F(WriteCommands, CreateReadsTheStandardInputAndColumnsAreStronger) {
  const Ran ran =
      Journeyctl({"create", "msdyncrm_customerjourney", "-", "--set", "name=b", "--set", "statuscode=going live",
                  "--set", "msdyncrm_isrecurring=true", "--set", "ownerid=/teams(" + std::string(kId) + ")", "--set",
                  "recurrence_count=3", "--return-representation"},
                 R"({"msdyncrm_name":"a","statuscode":192350000})");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const journey::CustomerJourney& target = service_.journeys.created.target();
  EXPECT_EQ(target.name(), "b");
  EXPECT_EQ(target.status_code(), journey::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE);
  EXPECT_TRUE(target.is_recurring());
  EXPECT_EQ(target.owner_id_type(), "team");
  EXPECT_EQ(ran.lines().at(0)["representation"]["msdyncrm_name"], "b");
}

TEST_F(WriteCommands, TellWhoCalls) {
  const Ran ran = Journeyctl(
      {"create", "journey", "--set", "name=a", "--user-id", kId, "--on-behalf-of", kId, "--correlation-id", "c-1"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(service_.journeys.metadata.find("x-user-id")->second, kId);
  EXPECT_EQ(service_.journeys.metadata.find("x-on-behalf-of")->second, kId);
  EXPECT_EQ(service_.journeys.metadata.find("x-correlation-id")->second, "c-1");
}

TEST_F(WriteCommands, UpdateSendsAMaskOnlyForNulls) {
  ASSERT_EQ(Journeyctl({"update", "journey", kId, "--set", "name=a", "--if-match", "17"}).exit_code, 0);
  EXPECT_THAT(service_.journeys.updated.update_mask().paths(), IsEmpty());
  EXPECT_EQ(service_.journeys.updated.target().id(), kId);
  EXPECT_EQ(service_.journeys.updated.if_match(), "17");

  ASSERT_EQ(Journeyctl({"update", "journey", kId, "-", "--clear", "recurrence_count"},
                       R"({"msdyncrm_name":"a","msdyncrm_contentsettingsId@odata.bind":null})")
                .exit_code,
            0);
  EXPECT_THAT(service_.journeys.updated.update_mask().paths(),
              ::testing::UnorderedElementsAre("name", "content_settings_id", "recurrence_count"));
  EXPECT_TRUE(service_.journeys.updated.target().has_name());
  EXPECT_FALSE(service_.journeys.updated.target().has_content_settings_id());
}

TEST_F(WriteCommands, UpdateRefusesTheBodyOfAnotherRecord) {
  const Ran ran = Journeyctl({"update", "journey", kId, "-"},
                             R"({"msdyncrm_customerjourneyid":"00000000-0000-0000-0000-000000000001"})");
  EXPECT_EQ(ran.exit_code, 64);
}

TEST_F(WriteCommands, UpsertMergesAJourneyAndReplacesASession) {
  ASSERT_EQ(Journeyctl({"upsert", "journey", kId, "--clear", "start_date_time", "--if-none-match", "*"}).exit_code, 0);
  EXPECT_THAT(service_.journeys.upserted.update_mask().paths(), ElementsAre("start_date_time"));
  EXPECT_EQ(service_.journeys.upserted.if_none_match(), "*");

  const Ran ran =
      Journeyctl({"upsert", "session", kId, "--partition", "p", "-"}, R"({"msdynmkt_name":"n","ttlinseconds":null})");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(service_.sessions.upserted.target().partition_id(), "p");
  EXPECT_EQ(service_.sessions.upserted.target().name(), "n");
}

TEST_F(WriteCommands, DeleteNamesTheRecord) {
  const Ran ran = Journeyctl({"delete", "session", kId, "--partition", "p", "--if-match", "*"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(service_.sessions.deleted.target().partition_id(), "p");
  EXPECT_EQ(service_.sessions.deleted.if_match(), "*");
  EXPECT_EQ(ran.lines().at(0)["version_number"], 9);
}

TEST_F(WriteCommands, RetrievePrintsTheRecordOrThatItIsUnchanged) {
  service_.journeys.stored.set_id(kId);
  service_.journeys.stored.set_status_code(journey::CUSTOMER_JOURNEY_STATUS_CODE_LIVE);
  EXPECT_EQ(Journeyctl({"retrieve", "journey", kId, "--columns", "statuscode,name"}).lines().at(0)["statuscode"],
            192350001);
  EXPECT_THAT(service_.journeys.retrieved.columns().paths(), ElementsAre("statuscode", "name"));
  EXPECT_THAT(Journeyctl({"retrieve", "journey", kId, "--output", "table"}).out, HasSubstr("Live (192350001)"));
  EXPECT_EQ(Journeyctl({"retrieve", "journey", kId, "--if-none-match", "3"}).out, "{\"not_modified\":true}\n");
}

TEST_F(WriteCommands, TheExitCodeIsTheGrpcCode) {
  for (int code = 1; code <= 16; ++code) {
    service_.journeys.answer = [code](int) {
      return MakeError(static_cast<grpc::StatusCode>(code), "UNEXPECTED", "no", {});
    };
    // A short timeout ends the attempts after UNAVAILABLE; the other cases must not run into a timeout.
    const std::string timeout = code == grpc::StatusCode::UNAVAILABLE ? "900ms" : "60s";
    const Ran ran = Journeyctl({"create", "journey", "--set", "name=a", "--timeout", timeout});
    EXPECT_EQ(ran.exit_code, code);
    EXPECT_THAT(ran.err, HasSubstr("correlation id: made-by-the-service"));
  }
}

TEST_F(WriteCommands, AnUnavailableServiceIsAskedAgainWithTheSameRequestIdWhenItSays) {
  service_.journeys.answer = [](int call) {
    return call < 2 ? MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "", {.retry_milliseconds = 300})
                    : grpc::Status::OK;
  };
  const auto began = std::chrono::steady_clock::now();
  const Ran ran = Journeyctl({"create", "journey", "--set", "name=a"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(600));
  const auto& ids = service_.journeys.request_ids;
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids[0].size(), 36u);
  EXPECT_THAT(ids, ::testing::Each(ids[0]));
}

TEST_F(WriteCommands, AWriteWhoseOutcomeIsOpenTellsItsRequestId) {
  service_.journeys.answer = [](int) {
    return MakeError(grpc::StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN", "lost", {});
  };
  const Ran ran = Journeyctl({"create", "journey", "--set", "name=a", "--request-id", kId});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("request id: " + std::string(kId)));
}

}  // namespace
}  // namespace journeyfeed::cli::testing
