#include "services/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <thread>

#include "grpc/health/v1/health.pb.h"
#include "services/logging.h"
#include "services/socket_probe.h"
#include "storage/base/guarded.h"

namespace journeyfeed {
namespace {

// How far gRPC's limit is above max-message-bytes: requests between the two get our full error. gRPC refuses a longer
// one at its length prefix and does not read it.
constexpr std::int64_t kAboveOurLimit = 1024 * 1024;
constexpr int kMaxMetadataBytes = 16 * 1024;

// The health service name for liveness probes. It does not depend on whether the services serve: restarting the server
// does not bring a lost database back.
constexpr const char* kLive = "live";

// How long clients without calls have to close their connections when the server drains.
constexpr auto kTimeToLeave = std::chrono::seconds(1);
constexpr auto kDrainTick = std::chrono::milliseconds(10);
// And for how long no call may be in flight: a client that has not heard of the drain yet may be sending one, and the
// last answers may be on their way.
constexpr auto kQuiet = std::chrono::milliseconds(500);

int Millis(std::chrono::milliseconds duration) {
  return static_cast<int>(std::min<std::int64_t>(duration.count(), std::numeric_limits<int>::max()));
}

// Sets keepalive on both sides, because gRPC's defaults detect a dead peer only after two hours and punish clients that
// ping more often than every five minutes. Renews connections so that load spreads over new replicas; the grace is
// longer than any stream, so that streams end by themselves.
void SetConnectionOptions(const Settings& settings, grpc::ServerBuilder& builder) {
  using std::chrono::milliseconds, std::chrono::seconds;
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(seconds(30)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(seconds(20)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Millis(seconds(10)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(settings.stream_lifetime));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Millis(settings.stream_lifetime * 5 / 4 + seconds(60)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(settings.max_concurrent_streams));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // Without reuse a second server on the same port fails to start instead of taking half of the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(settings.max_message_bytes.count + kAboveOurLimit));
  // gRPC inflates a request before it checks the size: 388 kB became 406 MB. A compressed request gets UNIMPLEMENTED.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
}

// Links the descriptors, so that reflection can describe the health service. Linking the plugin enables reflection.
void LinkDescriptors() {
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
}

std::string WithPort(const std::string& address, int port) {
  if (address.starts_with("unix:")) return address;
  return address.substr(0, address.rfind(':') + 1) + std::to_string(port);
}

}  // namespace

std::expected<std::unique_ptr<Server>, std::string> Server::Start(const Settings& settings, ServerParts parts) {
  std::unique_ptr<Server> server(new Server(settings, std::move(parts)));
  auto metrics = MetricsEndpoint::Start(settings.metrics_address, server->parts_.metrics);
  if (!metrics) return std::unexpected(std::move(metrics).error());
  server->metrics_ = *std::move(metrics);
  server->bound_.metrics_port = server->metrics_->port();
  server->bound_.metrics_address = WithPort(settings.metrics_address, server->metrics_->port());
  if (auto started = server->StartGrpc(settings); !started) return std::unexpected(std::move(started).error());
  return server;
}

Server::Server(const Settings& settings, ServerParts parts)
    : lame_duck_(settings.drain_lame_duck), grace_(settings.drain_grace), parts_(std::move(parts)) {
  for (const auto& service : parts_.services) serving_.emplace(service.full_name, false);
}

Server::~Server() { StopListening(std::chrono::milliseconds(0)); }

std::expected<void, std::string> Server::StartGrpc(const Settings& settings) {
  LinkDescriptors();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetConnectionOptions(settings, builder);
  int port = 0;
  builder.AddListeningPort(settings.address, grpc::InsecureServerCredentials(), &port);
  for (const auto& service : parts_.services) builder.RegisterService(service.service);
  grpc_ = builder.BuildAndStart();
  if (!grpc_) return std::unexpected("cannot listen on " + settings.address + ": " + ListenProblem(settings.address));
  SetServing(false);
  grpc_->GetHealthCheckService()->SetServingStatus(kLive, true);
  bound_.port = settings.address.starts_with("unix:") ? 0 : port;
  bound_.address = WithPort(settings.address, port);
  return {};
}

void Server::SetServing(const std::string& full_name, bool serving) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  serving_[full_name] = serving;
  auto* health = grpc_->GetHealthCheckService();
  health->SetServingStatus(full_name, serving);
  const bool all = std::all_of(serving_.begin(), serving_.end(), [](const auto& entry) { return entry.second; });
  health->SetServingStatus("", all);
}

void Server::SetServing(bool serving) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  auto* health = grpc_->GetHealthCheckService();
  for (auto& [name, value] : serving_) {
    value = serving;
    health->SetServingStatus(name, serving);
  }
  health->SetServingStatus("", serving);
}

void Server::Drain() {
  Log(LogLevel::kInfo, "draining: not ready");
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    grpc_->GetHealthCheckService()->Shutdown();  // NOT_SERVING until the end
  }
  std::this_thread::sleep_for(lame_duck_);  // the setting asks for this time to pass
  Log(LogLevel::kInfo, "draining: ending streams");
  if (parts_.on_drain) parts_.on_drain();
  StopListening(grace_);
  Log(LogLevel::kInfo, "drained");
}

void Server::StopListening(std::chrono::milliseconds grace) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return;
  }
  if (!grpc_) return;
  // gRPC waits for connections, not only for calls: a client that does not read, or that watches the health service,
  // would hold the drain for its whole grace.
  std::atomic<bool> gone = false;
  std::jthread shutdown([&] {
    Guarded("server", [&] { grpc_->Shutdown(std::chrono::system_clock::now() + grace); });
    gone.store(true, std::memory_order_release);
  });
  if (parts_.calls_in_flight) {
    auto leave_at = std::chrono::steady_clock::now() + kTimeToLeave;
    while (!gone.load(std::memory_order_acquire) && std::chrono::steady_clock::now() < leave_at) {
      if (parts_.calls_in_flight() > 0) leave_at = std::max(leave_at, std::chrono::steady_clock::now() + kQuiet);
      std::this_thread::sleep_for(kDrainTick);  // between two checks; gRPC's Shutdown limits the loop to the grace
    }
    if (!gone.load(std::memory_order_acquire)) grpc_server_cancel_all_calls(grpc_->c_server());
  }
  shutdown.join();
}

}  // namespace journeyfeed
