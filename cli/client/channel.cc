#include "cli/client/channel.h"

#include <grpcpp/security/credentials.h>

#include "cli/client/backoff.h"
#include "journeyfeed/client/channel.h"

namespace journeyfeed::cli {
namespace {

using SystemClock = std::chrono::system_clock;

constexpr char kCorrelationHeader[] = "x-correlation-id";

std::string FindHeader(const std::multimap<grpc::string_ref, grpc::string_ref>& headers) {
  const auto found = headers.find(kCorrelationHeader);
  return found == headers.end() ? "" : std::string(found->second.data(), found->second.size());
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
  return client::MakeChannel(address, grpc::InsecureChannelCredentials());
}

std::vector<std::pair<std::string, std::string>> IdentityOf(const Connection& connection) {
  std::vector<std::pair<std::string, std::string>> identity;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) identity.emplace_back(name, value);
  };
  add("x-user-id", connection.user_id);
  add("x-on-behalf-of", connection.on_behalf_of);
  add(kCorrelationHeader, connection.correlation_id);
  return identity;
}

Outcome<void> CallOnce(const Connection& connection, const Attempt& attempt, const std::stop_token& stop,
                       std::optional<SystemClock::time_point> deadline) {
  grpc::ClientContext context;
  if (deadline) context.set_deadline(*deadline);
  for (const auto& [name, value] : IdentityOf(connection)) context.AddMetadata(name, value);
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
  const auto deadline = SystemClock::now() + connection.timeout;
  Backoff backoff = CallBackoff();
  for (;;) {
    Outcome<void> done = CallOnce(connection, attempt, {}, deadline);
    if (done) return done;
    const CommandFailure& failure = done.error();
    const auto delay = backoff.Next(failure.retry_after);
    const bool unknown =
        persistence.after_unknown_outcome &&
        (failure.exit_code == grpc::StatusCode::UNKNOWN || failure.exit_code == grpc::StatusCode::DEADLINE_EXCEEDED);
    const bool again = backoff.attempts() < persistence.attempts && SystemClock::now() + delay < deadline;
    if (!again || !(unknown || MayRetry(failure)) || !Pause(persistence.stop, delay)) return done;
  }
}

}  // namespace journeyfeed::cli
