#include <gmock/gmock.h>

#include <future>

#include "grpc/health/v1/health.grpc.pb.h"
#include "services/server.h"
#include "tests/support/eventually.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed {
namespace {

using grpc::health::v1::HealthCheckResponse;
using testing::DeleteCall;
using testing::Eventually;
using testing::Harness;
using testing::kSessionService;
namespace pb = testing::pb;

HealthCheckResponse::ServingStatus Health(Harness& harness, const std::string& service) {
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const auto status = grpc::health::v1::Health::NewStub(harness.channel())->Check(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.status();
}

TEST(Server, HealthFollowsTheServices) {
  Harness harness;
  EXPECT_EQ(Health(harness, ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Health(harness, kSessionService), HealthCheckResponse::NOT_SERVING);
  harness.server().SetServing(true);
  EXPECT_EQ(Health(harness, ""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(harness, kSessionService), HealthCheckResponse::SERVING);
  harness.server().SetServing(kSessionService, false);
  EXPECT_EQ(Health(harness, ""), HealthCheckResponse::NOT_SERVING);
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest unknown;
  unknown.set_service("nobody");
  HealthCheckResponse response;
  EXPECT_EQ(grpc::health::v1::Health::NewStub(harness.channel())->Check(&context, unknown, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(Server, APortInUseIsAClearError) {
  Harness harness;
  const auto& bound = harness.server().bound();
  EXPECT_NE(bound.port, 0);
  EXPECT_NE(bound.metrics_port, 0);
  const auto start = [](const std::string& address, const std::string& metrics_address) {
    Settings settings = testing::TestSettings();
    settings.address = address;
    settings.metrics_address = metrics_address;
    const auto server =
        Server::Start(settings, {.services = {}, .metrics = std::make_shared<prometheus::Registry>(), .on_drain = {}});
    return server ? std::string("started") : server.error();
  };
  EXPECT_EQ(start(bound.address, "127.0.0.1:0"), "cannot listen on " + bound.address + ": Address already in use");
  EXPECT_EQ(start("127.0.0.1:0", bound.metrics_address),
            "cannot serve metrics on " + bound.metrics_address + ": Address already in use");
}

TEST(Server, CallsInFlightFinishWhileDraining) {
  Harness harness({"--drain-grace=60s", "--drain-lame-duck=50ms"});
  harness.server().SetServing(true);
  std::promise<DeleteCall> arrived;
  harness.on_delete = [&](DeleteCall call) { arrived.set_value(std::move(call)); };
  std::promise<HealthCheckResponse::ServingStatus> told;
  harness.on_drain = [&] { told.set_value(Health(harness, "")); };
  auto outcome = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    return harness.Delete(context);
  });
  auto call = std::make_unique<DeleteCall>(arrived.get_future().get());
  auto drained = std::async(std::launch::async, [&] { harness.server().Drain(); });
  EXPECT_EQ(told.get_future().get(), HealthCheckResponse::NOT_SERVING);
  EXPECT_TRUE(Eventually([&] {  // the listener is closed
    const auto channel =
        grpc::CreateCustomChannel(harness.server().bound().address, grpc::InsecureChannelCredentials(), [] {
          grpc::ChannelArguments arguments;
          arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
          return arguments;
        }());
    return !channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  }));
  EXPECT_EQ(drained.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  call->Finish(pb::DeleteResponse());
  call.reset();
  EXPECT_TRUE(outcome.get().ok());
  drained.get();
}

TEST(Server, CallsThatDoNotEndInTheGraceAreCancelled) {
  Harness harness({"--drain-grace=50ms"});
  std::promise<DeleteCall> arrived;
  harness.on_delete = [&](DeleteCall call) { arrived.set_value(std::move(call)); };
  auto outcome = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    return harness.Delete(context);
  });
  auto call = std::make_unique<DeleteCall>(arrived.get_future().get());
  auto drained = std::async(std::launch::async, [&] { harness.server().Drain(); });
  EXPECT_TRUE(Eventually([&] { return call->cancelled(); }));
  EXPECT_EQ(outcome.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  call.reset();  // code that waits for an answer learns of the cancellation and releases the call
  drained.get();
}

TEST(Server, ThePortFileIsWhole) {
  const testing::TempDir directory;
  const std::string path = directory / "ports";
  ASSERT_TRUE(WritePortFile(path, {"127.0.0.1:5", 5, "127.0.0.1:6", 6}));
  const auto content = nlohmann::json::parse(testing::ReadFile(path));
  EXPECT_EQ(content["port"], 5);
  EXPECT_EQ(content["metrics_address"], "127.0.0.1:6");
  EXPECT_GT(content["pid"].get<int>(), 0);
  EXPECT_FALSE(WritePortFile(directory / "none/ports", {}));
}

}  // namespace
}  // namespace journeyfeed
