#include "cli/client/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "cli/client/backoff.h"

namespace journeyfeed::cli {
namespace {

using Clock = std::chrono::system_clock;

constexpr char kCorrelationHeader[] = "x-correlation-id";

std::string FindHeader(const std::multimap<grpc::string_ref, grpc::string_ref>& headers) {
  const auto found = headers.find(kCorrelationHeader);
  return found == headers.end() ? "" : std::string(found->second.data(), found->second.size());
}

void Identify(const Connection& connection, grpc::ClientContext& context) {
  if (!connection.user_id.empty()) context.AddMetadata("x-user-id", connection.user_id);
  if (!connection.on_behalf_of.empty()) context.AddMetadata("x-on-behalf-of", connection.on_behalf_of);
  if (!connection.correlation_id.empty()) context.AddMetadata(kCorrelationHeader, connection.correlation_id);
}

CommandFailure Explain(const Connection& connection, const grpc::ClientContext& context, const grpc::Status& status) {
  CommandFailure failure = FromCall(status);
  failure.correlation_id = FindHeader(context.GetServerInitialMetadata());
  if (failure.correlation_id.empty()) failure.correlation_id = FindHeader(context.GetServerTrailingMetadata());
  if (failure.correlation_id.empty()) failure.correlation_id = connection.correlation_id;
  return failure;
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 64 << 10);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Backoff spaces the attempts; gRPC's own reconnect pauses below it stay short.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

Outcome<void> CallOnce(const Connection& connection, const Attempt& attempt, const std::stop_token& stop,
                       std::optional<Clock::time_point> deadline) {
  grpc::ClientContext context;
  if (deadline) context.set_deadline(*deadline);
  Identify(connection, context);
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  const grpc::Status status = attempt(&context);
  if (status.ok()) return {};
  return std::unexpected(Explain(connection, context, status));
}

bool MayRetry(const CommandFailure& failure) {
  return failure.exit_code == grpc::StatusCode::UNAVAILABLE ||
         (failure.exit_code == grpc::StatusCode::RESOURCE_EXHAUSTED && failure.retry_after.has_value());
}

Outcome<void> Call(const Connection& connection, const Attempt& attempt, const Persistence& persistence) {
  const auto deadline = Clock::now() + connection.timeout;
  Backoff backoff = CallBackoff();
  for (;;) {
    Outcome<void> done = CallOnce(connection, attempt, {}, deadline);
    if (done) return done;
    const CommandFailure& failure = done.error();
    const auto delay = backoff.Next(failure.retry_after);
    const bool unknown =
        persistence.after_unknown_outcome &&
        (failure.exit_code == grpc::StatusCode::UNKNOWN || failure.exit_code == grpc::StatusCode::DEADLINE_EXCEEDED);
    const bool again = backoff.attempts() < persistence.attempts && Clock::now() + delay < deadline;
    if (!again || !(unknown || MayRetry(failure)) || !Pause(persistence.stop, delay)) return done;
  }
}

}  // namespace journeyfeed::cli
