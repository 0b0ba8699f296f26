#include "tests/integration/service.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <stdexcept>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/database_connection.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

std::unique_ptr<Shared> g_shared;

// The server must end before gRPC's statics.
class EndOfTests final : public ::testing::Environment {
  void TearDown() override { g_shared.reset(); }
};

// A channel without calls checks its connection only every five seconds by default: a server that asks it to close
// would wait for that.
[[maybe_unused]] const int g_attentive = ::setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "20", 1);

[[maybe_unused]] auto* const g_end = ::testing::AddGlobalTestEnvironment(new EndOfTests);

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

TestServer::TestServer(const std::string& database_url, std::vector<std::string> more, const std::string& binary)
    : process_(
          [&] {
            more.insert(more.end(), {"--database-url", database_url});
            return more;
          }(),
          std::chrono::seconds(60), binary),
      channel_(Connect(process_.address())) {
  if (!Eventually([this] { return IsServing(channel_); }, std::chrono::seconds(90))) {
    throw std::runtime_error("the server does not become ready:\n" + process_.log());
  }
}

bool IsServing(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallLimit);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const auto status = grpc::health::v1::Health::NewStub(channel)->Check(&context, request, &response);
  return status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

Shared& TheService() {
  // Only once: what does not start for the first test does not start for the last one.
  static const bool started = [] {
    try {
      g_shared = std::make_unique<Shared>();
    } catch (const std::exception& problem) {
      ADD_FAILURE() << problem.what();
    }
    return g_shared != nullptr;
  }();
  if (!started) throw std::runtime_error("there is no service to test");
  return *g_shared;
}

std::string StateOf(const std::string& database_url) {
  // Used after every bad request: one connection for all of them.
  static std::map<std::string, DatabaseConnection> sessions;
  return sessions.try_emplace(database_url, database_url).first->second.Execute(R"(
      select concat_ws(' ',
        (select concat(count(*), '/', sum(version_number)) from journeyfeed.journey_run_session),
        (select concat(count(*), '/', max(seq)) from journeyfeed.journey_run_session_log),
        (select last_value from journeyfeed.journey_run_session_log_seq),
        (select concat(count(*), '/', sum(version_number)) from journeyfeed.customer_journey),
        (select concat(count(*), '/', max(seq)) from journeyfeed.customer_journey_log),
        (select last_value from journeyfeed.customer_journey_log_seq),
        (select count(*) from journeyfeed.request_outcome)))");
}

}  // namespace journeyfeed::testing
