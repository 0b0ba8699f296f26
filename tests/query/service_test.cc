// RetrieveMultiple on a real server, as a client sees it.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "journeyfeed/customerjourney/v1/customer_journey_service.grpc.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::query_test {
namespace {

namespace journeys = customerjourney::v1;
namespace sessions = journeyrunsession::v1;
using journeyfeed::testing::Eventually;
using journeyfeed::testing::ServerProcess;
using journeyfeed::testing::TestPostgres;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// "INVALID_ARGUMENT: REASON field description", a line for each violation.
std::string Problem(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  std::string text = std::to_string(status.error_code()) + ":";
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (any.UnpackTo(&info)) text += " " + info.reason();
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations())
      text += "\n" + violation.field() + " " + violation.description();
  }
  return text;
}

class QueryServiceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    postgres_ = new TestPostgres;
    server_ = new ServerProcess({"--database-url", postgres_->CreateDatabase("query")});
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    journeys_ = journeys::CustomerJourneyService::NewStub(channel_);
    sessions_ = sessions::JourneyRunSessionService::NewStub(channel_);
    if (!Eventually([] { return List("", nullptr).ok(); })) throw std::runtime_error("the server is not ready");
    for (int i = 0; i < 5; ++i) {
      CreateJourney("Journey " + std::to_string(i), i % 2 == 0 ? 192350000 : 192350001);
      CreateSession("Run " + std::to_string(i % 2), i == 0 ? "part" : "");
    }
  }
  static void TearDownTestSuite() {
    journeys_.reset();
    sessions_.reset();
    channel_.reset();
    delete server_;
    delete postgres_;
  }

  static void CreateJourney(const std::string& name, int status) {
    journeys::CreateRequest request;
    request.mutable_target()->set_name(name);
    request.mutable_target()->set_recurrence_count(status == 192350001 ? 3 : 5);
    grpc::ClientContext context;
    journeys::CreateResponse response;
    const auto created = journeys_->Create(&context, request, &response);
    if (!created.ok()) throw std::runtime_error(created.error_message());
    // A journey begins as a draft; its status is changed without the service.
    journeyfeed::testing::Query(
        postgres_->url("query"),
        "begin; set local journeyfeed.writing = 'on'; update journeyfeed.customer_journey set status_code = " +
            std::to_string(status) + " where id = '" + response.id() + "'; commit");
  }

  static std::string CreateSession(const std::string& run, const std::string& partition) {
    sessions::CreateRequest request;
    request.mutable_target()->set_name("s");
    request.mutable_target()->set_journey_run_id(run);
    request.mutable_target()->set_session("text");
    if (!partition.empty()) request.mutable_target()->set_partition_id(partition);
    grpc::ClientContext context;
    sessions::CreateResponse response;
    const auto created = sessions_->Create(&context, request, &response);
    if (!created.ok()) throw std::runtime_error(created.error_message());
    return response.session_token();
  }

  static grpc::Status Call(const journeys::RetrieveMultipleRequest& request,
                           journeys::RetrieveMultipleResponse* response) {
    grpc::ClientContext context;
    context.AddMetadata("x-user-id", "6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
    journeys::RetrieveMultipleResponse scratch;
    return journeys_->RetrieveMultiple(&context, request, response ? response : &scratch);
  }

  static grpc::Status List(const std::string& filter, journeys::RetrieveMultipleResponse* response) {
    journeys::RetrieveMultipleRequest request;
    request.set_filter(filter);
    return Call(request, response);
  }

  static inline TestPostgres* postgres_ = nullptr;
  static inline ServerProcess* server_ = nullptr;
  static inline std::shared_ptr<grpc::Channel> channel_;
  static inline std::unique_ptr<journeys::CustomerJourneyService::Stub> journeys_;
  static inline std::unique_ptr<sessions::JourneyRunSessionService::Stub> sessions_;
};

TEST_F(QueryServiceTest, TheSeedsFilterWithAndWithoutPrefix) {
  for (const char* filter : {"statuscode eq 192350001", "$filter=statuscode eq 192350001"}) {
    journeys::RetrieveMultipleResponse response;
    const auto status = List(filter, &response);
    ASSERT_TRUE(status.ok()) << Problem(status);
    ASSERT_THAT(response.entities(), SizeIs(2));
    EXPECT_EQ(response.entities(0).status_code(), 192350001);
    EXPECT_FALSE(response.more_records());
    EXPECT_THAT(response.next_page_token(), IsEmpty());
    EXPECT_EQ(response.total_record_count(), -1);
  }
}

TEST_F(QueryServiceTest, PagesColumnsOrderAndCount) {
  journeys::RetrieveMultipleRequest request;
  request.set_order_by("name desc");
  request.mutable_columns()->add_paths("msdyncrm_name");
  request.set_page_size(2);
  request.set_count(true);
  std::vector<std::string> names;
  while (true) {
    journeys::RetrieveMultipleResponse response;
    ASSERT_TRUE(Call(request, &response).ok());
    EXPECT_EQ(response.total_record_count(), 5);
    EXPECT_FALSE(response.total_record_count_limit_exceeded());
    for (const auto& entity : response.entities()) {
      names.push_back(entity.name());
      EXPECT_FALSE(entity.has_status_code());
      EXPECT_TRUE(entity.has_id() && entity.has_version_number());
    }
    EXPECT_EQ(response.more_records(), !response.next_page_token().empty());
    if (!response.more_records()) break;
    request.set_page_token(response.next_page_token());
  }
  EXPECT_THAT(names, ElementsAre("Journey 4", "Journey 3", "Journey 2", "Journey 1", "Journey 0"));
}

TEST_F(QueryServiceTest, ALookupHasItsWebApiNameWhereverAColumnIsNamed) {
  journeys::RetrieveMultipleRequest request;
  request.set_filter("_ownerid_value ne null and not (_createdby_value ne _modifiedby_value)");
  request.set_order_by("_ownerid_value desc");
  request.mutable_columns()->add_paths("_ownerid_value");
  request.set_page_size(1);
  journeys::RetrieveMultipleResponse response;
  const auto status = Call(request, &response);
  ASSERT_TRUE(status.ok()) << Problem(status);
  ASSERT_THAT(response.entities(), SizeIs(1));
  EXPECT_TRUE(response.entities(0).has_owner_id());
  EXPECT_FALSE(response.entities(0).has_name());
}

TEST_F(QueryServiceTest, APageTokenIsOfOneQuery) {
  journeys::RetrieveMultipleRequest request;
  request.set_page_size(1);
  journeys::RetrieveMultipleResponse response;
  ASSERT_TRUE(Call(request, &response).ok());
  const std::string token = response.next_page_token();
  const auto problem = [&](const std::string& filter, const std::string& order, const std::string& page_token) {
    journeys::RetrieveMultipleRequest next;
    next.set_filter(filter);
    next.set_order_by(order);
    next.set_page_token(page_token);
    return Problem(Call(next, nullptr));
  };
  EXPECT_EQ(problem("", "", token), "0:");
  constexpr char kInvalid[] = "3: QUERY_BUILDER_INVALID_PAGING_COOKIE\npage_token the token ";
  EXPECT_THAT(problem("scope eq null", "", token), StartsWith(kInvalid));
  EXPECT_THAT(problem("", "name", token), StartsWith(kInvalid));
  EXPECT_THAT(problem("", "", "nonsense"), StartsWith(kInvalid));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(problem("", "", damaged), StartsWith(kInvalid)) << i;
  }
  sessions::RetrieveMultipleRequest other;
  other.set_page_token(token);
  grpc::ClientContext context;
  sessions::RetrieveMultipleResponse none;
  EXPECT_THAT(Problem(sessions_->RetrieveMultiple(&context, other, &none)), StartsWith(kInvalid));
}

TEST_F(QueryServiceTest, AllProblemsAtOnceWithPositions) {
  journeys::RetrieveMultipleRequest request;
  request.set_filter("name eq 'a' and nope eq 1");
  request.set_order_by("name sideways");
  request.set_page_size(-1);
  request.mutable_columns()->add_paths("nothing");
  const std::string problem = Problem(Call(request, nullptr));
  EXPECT_THAT(problem, HasSubstr("\nfilter at character 17: \"nope\" is not a column of msdyncrm_customerjourney"));
  EXPECT_THAT(problem, HasSubstr("\norder_by at character 6: expected asc, desc"));
  EXPECT_THAT(problem, HasSubstr("\npage_size must not be negative"));
  EXPECT_THAT(problem, HasSubstr("\ncolumns.paths[0] \"nothing\" is not a column"));
  EXPECT_THAT(Problem(List(std::string(1 << 20, '('), nullptr)),
              StartsWith("3: QUERY_BUILDER_BAD_CONDITION\nfilter at character"));
}

TEST_F(QueryServiceTest, Aggregates) {
  journeys::RetrieveMultipleRequest request;
  request.set_apply("groupby((statuscode),aggregate($count as n,recurrence_count with sum as total))");
  journeys::RetrieveMultipleResponse response;
  const auto status = Call(request, &response);
  ASSERT_TRUE(status.ok()) << Problem(status);
  ASSERT_THAT(response.aggregates(), SizeIs(2));
  EXPECT_EQ(response.aggregates(0).fields().at("statuscode").number_value(), 192350000);
  EXPECT_EQ(response.aggregates(0).fields().at("n").number_value(), 3);
  EXPECT_EQ(response.aggregates(1).fields().at("total").number_value(), 6);
  request.set_filter("scope eq null");
  request.set_count(true);
  EXPECT_EQ(Problem(Call(request, nullptr)),
            "3: QUERY_BUILDER_ATTRIBUTE_WITH_AGGREGATE\nfilter cannot be given with apply: use filter(...)/ in apply\n"
            "count cannot be given with apply");
}

TEST_F(QueryServiceTest, SessionsOfARunAndOfAPartition) {
  sessions::RetrieveMultipleRequest request;
  request.set_filter("msdynmkt_journeyrunid eq 'RUN 0'");
  request.set_session_token(CreateSession("Run 0", ""));  // and then shows that write
  const auto call = [&] {
    grpc::ClientContext context;
    sessions::RetrieveMultipleResponse response;
    const auto status = sessions_->RetrieveMultiple(&context, request, &response);
    EXPECT_TRUE(status.ok()) << Problem(status);
    return response;
  };
  EXPECT_THAT(call().entities(), SizeIs(4));
  request.set_partition_id("part");
  const auto response = call();
  ASSERT_THAT(response.entities(), SizeIs(1));
  EXPECT_EQ(response.entities(0).partition_id(), "part");
  EXPECT_EQ(response.entities(0).session(), "text");
  request.set_session_token("x");
  request.set_partition_id("a/b");
  grpc::ClientContext context;
  sessions::RetrieveMultipleResponse none;
  const std::string problem = Problem(sessions_->RetrieveMultiple(&context, request, &none));
  EXPECT_THAT(problem, HasSubstr("\npartition_id "));
  EXPECT_THAT(problem, HasSubstr("\nsession_token "));
}

}  // namespace
}  // namespace journeyfeed::query_test
