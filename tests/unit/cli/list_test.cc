// `list` and `copy`, as the service sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ListCommand : public ::testing::Test {
 protected:
  ListCommand() {
    service_.journeys.query = [this](const auto& request, auto& response) { return Page(request, response); };
  }

  // `stored_` journeys in pages of 10, page tokens are positions.
  grpc::Status Page(const journey::RetrieveMultipleRequest& request, journey::RetrieveMultipleResponse& response) {
    requests_.push_back(request);
    const int first = request.page_token().empty() ? 0 : std::stoi(request.page_token());
    const int size = request.page_size() > 0 ? std::min(request.page_size(), 10) : 10;
    for (int i = first; i < std::min(first + size, stored_); ++i) {
      auto& record = *response.add_entities();
      record.set_id("00000000-0000-4000-8000-0000000000" + std::to_string(10 + i));
      record.set_name("n" + std::to_string(i));
      record.set_status_code(journey::CUSTOMER_JOURNEY_STATUS_CODE_LIVE);
    }
    response.set_total_record_count(request.count() ? 5000 : -1);
    response.set_total_record_count_limit_exceeded(request.count());
    if (first + size < stored_) response.set_next_page_token(std::to_string(first + size));
    response.set_more_records(first + size < stored_);
    return grpc::Status::OK;
  }

  Ran Journeyctl(Arguments arguments, int columns = 0) {
    arguments.insert(arguments.end(), {"--address", service_.address});
    return RunCli(arguments, "", {}, columns);
  }

  FakeService service_;
  int stored_ = 25;
  std::vector<journey::RetrieveMultipleRequest> requests_;
};

TEST_F(ListCommand, PrintsAllPagesAsLinesForPrograms) {
  const Ran ran = Journeyctl({"list", "journey", "--filter", "statuscode eq 192350001", "--columns", "name,statuscode",
                              "--order-by", "name desc"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.lines().size(), 25u);
  EXPECT_EQ(ran.lines()[24]["msdyncrm_name"], "n24");
  EXPECT_EQ(ran.err, "");
  ASSERT_EQ(requests_.size(), 3u);
  EXPECT_EQ(requests_[2].filter(), "statuscode eq 192350001");
  EXPECT_EQ(requests_[2].order_by(), "name desc");
  EXPECT_THAT(requests_[2].columns().paths(), ElementsAre("name", "statuscode"));
}

TEST_F(ListCommand, StopsAtTheLimitWithoutAskingForMore) {
  EXPECT_EQ(Journeyctl({"list", "journey", "--limit", "13"}).lines().size(), 13u);
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_EQ(requests_[1].page_size(), 3);
  EXPECT_EQ(Journeyctl({"list", "journey", "--limit", "0"}).exit_code, 64);
}

TEST_F(ListCommand, IsATableOnATerminalWithTheColumnsThatOneLooksAt) {
  const Ran ran = Journeyctl({"list", "journey", "--limit", "20"}, 60);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Status Reason"));
  EXPECT_THAT(ran.out, HasSubstr("Live"));
  EXPECT_THAT(ran.err, HasSubstr("the first 20 records; --limit shows more"));
  EXPECT_THAT(requests_[0].columns().paths(), ::testing::Contains("status_code"));
  EXPECT_THAT(requests_[0].columns().paths(), ::testing::Not(::testing::Contains("workflow_definition")));
  EXPECT_TRUE(Journeyctl({"list", "journey", "--output", "json"}, 60).out.starts_with("{"));
  EXPECT_TRUE(Journeyctl({"list", "journey", "--pretty"}, 60).out.starts_with("{\n"));
}

TEST_F(ListCommand, CountsWithoutRecords) {
  EXPECT_EQ(Journeyctl({"list", "journey", "--count"}).out,
            "{\"total_record_count\":5000,\"total_record_count_limit_exceeded\":true}\n");
  EXPECT_EQ(Journeyctl({"list", "journey", "--count", "--output", "table"}).out, "more than 5,000\n");
  EXPECT_TRUE(requests_[0].count());
  EXPECT_EQ(requests_[0].page_size(), 1);
}

TEST_F(ListCommand, PrintsAggregates) {
  service_.journeys.query = [](const auto& request, auto& response) {
    EXPECT_EQ(request.apply(), "aggregate($count as n)");
    (*response.add_aggregates()->mutable_fields())["n"].set_number_value(3);
    return grpc::Status::OK;
  };
  const Arguments list = {"list", "journey", "--apply", "aggregate($count as n)"};
  EXPECT_EQ(Journeyctl(list).lines().at(0)["n"], 3);
  EXPECT_EQ(Journeyctl(list, 80).out, "n\n3\n");
}

TEST_F(ListCommand, NothingIsSaidToPeopleOnly) {
  stored_ = 0;
  EXPECT_EQ(Journeyctl({"list", "journey"}).out, "");
  const Ran ran = Journeyctl({"list", "journey"}, 80);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "no records\n");
}

TEST_F(ListCommand, AFailureInTheMiddleIsAFailure) {
  service_.journeys.query = [this](const auto& request, auto& response) {
    if (!request.page_token().empty()) return MakeError(grpc::StatusCode::INTERNAL, "UNEXPECTED", "no");
    return Page(request, response);
  };
  EXPECT_EQ(Journeyctl({"list", "journey"}).exit_code, 13);
  EXPECT_EQ(Journeyctl({"list", "journey", "--partition-id", "p"}).exit_code, 64) << "journeys have no partitions";
}

TEST_F(ListCommand, CopyCreatesADraftWithDefinitionAndDesignerState) {
  service_.journeys.stored.set_id(kId);
  service_.journeys.stored.set_name("a");
  service_.journeys.stored.set_version_number(17);
  service_.journeys.stored.set_workflow_definition("[]");
  service_.journeys.stored.set_customer_journey_designer_state("{}");
  service_.journeys.stored.set_status_code(journey::CUSTOMER_JOURNEY_STATUS_CODE_LIVE);
  const Ran ran = Journeyctl({"copy", kId});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.lines().at(0)["id"], kId);
  const journey::CustomerJourney& copy = service_.journeys.created.target();
  EXPECT_EQ(copy.name(), "Copy of a");
  EXPECT_EQ(copy.workflow_definition(), "[]");
  EXPECT_EQ(copy.customer_journey_designer_state(), "{}");
  EXPECT_EQ(copy.status_code(), journey::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  EXPECT_FALSE(copy.has_id() || copy.has_version_number());
  ASSERT_EQ(Journeyctl({"copy", kId, "--name", "b"}).exit_code, 0);
  EXPECT_EQ(service_.journeys.created.target().name(), "b");
}

}  // namespace
}  // namespace journeyfeed::cli::testing
