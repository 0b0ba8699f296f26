#include <gtest/gtest.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/calls.h"
#include "tests/integration/streams.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

const std::string kServices[] = {"", "journeyfeed.journeyrunsession.v1.JourneyRunSessionService",
                                 "journeyfeed.customerjourney.v1.CustomerJourneyService",
                                 "journeyfeed.metadata.v1.MetadataService"};

TEST(Health, IsKnownOfEveryServiceAndOfNoOther) {
  const auto& channel = TheService().server.channel();
  for (const std::string& service : kServices) EXPECT_TRUE(IsServing(channel, service)) << service;
  grpc::ClientContext context;
  Prepare(context, {});
  HealthCheckRequest request;
  request.set_service("journeyfeed.nothing.v1.Nothing");
  HealthCheckResponse response;
  EXPECT_EQ(grpc::health::v1::Health::NewStub(channel)->Check(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

// The answers of a Watch of one service, in order.
class Watcher {
 public:
  Watcher(const std::shared_ptr<grpc::Channel>& channel, const std::string& service)
      : stub_(grpc::health::v1::Health::NewStub(channel)) {
    Prepare(context_, {});
    HealthCheckRequest request;
    request.set_service(service);
    reader_ = stub_->Watch(&context_, request);
  }
  ~Watcher() {
    context_.TryCancel();
    reader_->Finish();
  }
  int Next() {
    HealthCheckResponse response;
    return reader_->Read(&response) ? response.status() : -1;
  }

 private:
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

TEST(Health, FollowsTheDatabase) {
  TestPostgres postgres;
  TestServer server(postgres.url());
  SessionClient client(server.channel());
  const std::string id = client.Create("target { " + kSession + " }")->id();
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (const std::string& service : kServices) watchers.push_back(std::make_unique<Watcher>(server.channel(), service));
  for (auto& watcher : watchers) EXPECT_EQ(watcher->Next(), HealthCheckResponse::SERVING);
  SessionChanges follower(server.channel(), "follow: true skip_initial_load: true");
  ASSERT_TRUE(follower.Next());

  postgres.Stop();
  for (auto& watcher : watchers) EXPECT_EQ(watcher->Next(), HealthCheckResponse::NOT_SERVING);
  const auto read = client.Retrieve(Target(id));
  EXPECT_EQ(read.ending.code, grpc::StatusCode::UNAVAILABLE) << read.ending;
  EXPECT_TRUE(read.ending.retry_after) << read.ending;
  // A write on a connection that turns out to be dead may have been executed; for the next writes it is known that they
  // were not.
  EXPECT_TRUE(Eventually([&] {
    const auto written = client.Update(Target(id, "name: 'x'"));
    EXPECT_TRUE(written.ending.reason == "SERVICE_UNAVAILABLE" || written.ending.reason == "WRITE_OUTCOME_UNKNOWN")
        << written.ending;
    EXPECT_EQ(written.ending.retry_after.has_value(), written.ending.code == grpc::StatusCode::UNAVAILABLE);
    return written.ending.code == grpc::StatusCode::UNAVAILABLE;
  }));

  postgres.Start();
  for (auto& watcher : watchers) EXPECT_EQ(watcher->Next(), HealthCheckResponse::SERVING);
  EXPECT_TRUE(Eventually([&] { return client.Update(Target(id, "name: 'back'")).ok(); }));
  // The follower did not end, and misses nothing.
  const auto seen = follower.Await([](const auto& response) {
    return response.changes_size() > 0 && response.changes().rbegin()->new_or_updated_entity().name() == "back";
  });
  EXPECT_TRUE(seen) << follower.End();
}

}  // namespace
}  // namespace journeyfeed::testing
