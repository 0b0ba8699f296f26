#include "tests/toy/toy_service.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "services/entity_services.h"
#include "services/metadata/service.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

std::string NewDatabase() {
  static int count = 0;
  return ToyPostgres().CreateDatabase("toy_" + std::to_string(++count));
}

Settings ServerSettings() {
  return ReadInvocation({"--address=127.0.0.1:0", "--metrics-address=127.0.0.1:0", "--drain-lame-duck=0s"}, {})
      .value()
      .settings;
}

class Environment : public ::testing::Environment {
 public:
  void SetUp() override { RegisterToy(); }
};

const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new Environment);

}  // namespace

void RegisterToy() { dictionary::Register({toy::Toy::descriptor(), toy::CreateRequest::descriptor()->file()}); }

postgres::PostgresSettings ToyStoreSettings(const std::string& url) {
  postgres::PostgresSettings settings;
  settings.conninfo = url;
  settings.read_connections = settings.feed_connections = settings.query_connections = 1;
  settings.more_migrations = {{"1000_toy", ReadFile(JOURNEYFEED_TOY_DIR "/toy.sql")}};
  return settings;
}

TestPostgres& ToyPostgres() {
  static TestPostgres postgres;
  return postgres;
}

ToyServer::ToyServer()
    : url_(NewDatabase()),
      store_(ToyStoreSettings(url_), [](const Failure& reason) { ADD_FAILURE() << reason.message; }),
      parts_(store_, {}, metrics_.shared_registry()),
      services_(MakeEntityServices(parts_.References(), metrics_, {})) {
  services_.push_back(metadata_service::MakeService(metrics_, {}));
  ServerParts parts{
      .services = {}, .metrics = metrics_.shared_registry(), .on_drain = [this] { parts_.lifetime.Drain(); }};
  for (const auto& service : services_) parts.services.push_back({service.get(), service->full_name()});
  server_ = Server::Start(ServerSettings(), std::move(parts)).value();
  store_.SetCommitListener(
      [this](const dictionary::Entity& entity, std::int64_t head) { parts_.feed.OnCommit(entity, head); });
  store_.SetReadyListener([this, told = false](bool ready) mutable {
    if (ready && !std::exchange(told, true)) ready_.set_value();
  });
  store_.Start();
  if (ready_.get_future().wait_for(90s) != std::future_status::ready) {
    throw std::runtime_error("the store does not become ready");
  }
}

ToyServer::~ToyServer() {
  server_->Drain();
  store_.Stop();
}

std::shared_ptr<grpc::Channel> ToyServer::channel() const {
  return grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
}

ToyServer& TheToyServer() {
  static ToyServer server;
  return server;
}

}  // namespace journeyfeed::testing
