// Synchronous replication: a failover loses nothing, and a write whose wait was cut is never reported as done.
#include <gmock/gmock.h>

#include <future>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/history/clients.h"
#include "tests/history/node.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
namespace session = journeyrunsession::v1;
using ::testing::IsEmpty;

void SetSynchronous(const Node& node, const std::string& names) {
  Query(node.url(), "alter system set synchronous_standby_names = '" + names + "'");
  Query(node.url(), "select pg_reload_conf()");
  if (!Eventually([&] { return Query(node.url(), "show synchronous_standby_names") == names; }))
    throw std::runtime_error("the setting does not change");
}

TEST(Synchronous, AFailoverLosesNothingAndNobodyIsToldOfALostHistory) {
  Node primary(Node::Fresh());
  primary.Start();
  MakeFeed(primary);
  Node standby(Node::BackupOf(primary, true, "sync"));
  standby.Start();
  SetSynchronous(primary, "sync");
  const std::string url = EitherUrl({&primary, &standby});
  ServerProcess one({"--database-url", url, "--log-level", "warning"});
  ServerProcess two({"--database-url", url, "--log-level", "warning"});
  Clients clients({.addresses = {one.address(), two.address()}, .database_url = primary.url(), .seed = 11});
  ASSERT_TRUE(clients.AwaitWork(100)) << one.log();
  primary.Kill9();
  standby.Promote();
  ASSERT_TRUE(clients.AwaitWork(100)) << one.log() << two.log();
  EXPECT_THAT(clients.Finish(standby.url()), IsEmpty()) << one.log() << two.log();
  EXPECT_EQ(Query(standby.url(), "select count(*) from journeyfeed.feed_history where entity = 1"), "2")
      << "two replicas open one history";
}

class CutWait : public ::testing::TestWithParam<const char*> {};

TEST_P(CutWait, IsNotCalledDoneUntilAStandbyHasTheWrite) {
  Node primary(Node::Fresh());
  primary.Start();
  MakeFeed(primary);
  ServerProcess server({"--database-url", primary.url(), "--log-level", "warning"});
  const auto stub = session::JourneyRunSessionService::NewStub(
      grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials()));
  const std::string request_id = Uuid::MakeV7().ToString();
  session::CreateResponse response;
  const auto create = [&](int key, const std::string& id) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 30s);
    session::CreateRequest request;
    request.mutable_target()->set_id(Key(key).id.ToString());
    request.mutable_target()->set_name("n");
    request.mutable_target()->set_journey_run_id("r");
    request.mutable_target()->set_session("s");
    request.set_request_id(id);
    return stub->Create(&context, request, &response);
  };
  ASSERT_TRUE(Eventually([&] { return create(1, Uuid::MakeV7().ToString()).ok(); }, 30s)) << server.log();

  SetSynchronous(primary, "away");
  const auto cut = [&] {
    auto call = std::async(std::launch::async, [&] { return create(2, request_id); });
    const std::string waits = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
    EXPECT_TRUE(Eventually([&] { return Query(primary.url(), waits) != "0"; }));
    Query(primary.url(),
          "select count(" + std::string(GetParam()) + "(pid)) from pg_stat_activity where wait_event = 'SyncRep'");
    return call.get();
  };
  const grpc::Status first = cut();
  EXPECT_EQ(first.error_code(), grpc::StatusCode::UNKNOWN) << first.error_message();
  EXPECT_EQ(ReasonOf(first), "WRITE_OUTCOME_UNKNOWN");
  // The row is visible here but may still be lost: the repeated request also waits for the standby.
  const grpc::Status repeated = cut();
  EXPECT_EQ(repeated.error_code(), grpc::StatusCode::UNKNOWN) << repeated.error_message();
  EXPECT_EQ(ReasonOf(repeated), "WRITE_OUTCOME_UNKNOWN");

  Node standby(Node::BackupOf(primary, true, "away"));
  standby.Start();
  grpc::Status last;
  ASSERT_TRUE(Eventually([&] { return (last = create(2, request_id)).ok(); }, 30s)) << last.error_message();
  EXPECT_EQ(
      Query(standby.url(), "select count(*) from journeyfeed.journey_run_session_log where request_id = '" +
                               request_id + "' and version_number = " + std::to_string(response.version_number())),
      "1");
}

INSTANTIATE_TEST_SUITE_P(ByAdministrator, CutWait, ::testing::Values("pg_cancel_backend", "pg_terminate_backend"),
                         [](const auto& param) { return std::string(param.param).substr(3, 6); });

}  // namespace
}  // namespace journeyfeed::testing
