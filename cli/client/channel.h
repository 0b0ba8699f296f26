// The connection to the service, and what every call on it carries.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "cli/failure.h"

namespace journeyfeed::cli {

struct Connection {
  std::string address;         // "host:port" or "unix:path"
  std::string user_id;         // empty: not given
  std::string on_behalf_of;    // empty: not given
  std::string correlation_id;  // empty: the service makes one
  std::chrono::milliseconds timeout{};
};

// Connects without TLS at the first call. Detects a peer that vanished within a minute.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

// The metadata that says who calls.
std::vector<std::pair<std::string, std::string>> IdentityOf(const Connection& connection);

using Attempt = std::function<grpc::Status(grpc::ClientContext*)>;

// Makes one call with the identity of the caller. `stop` cancels it. The failure has the correlation id from the
// answer, else the one that was sent.
Outcome<void> CallOnce(const Connection& connection, const Attempt& attempt, const std::stop_token& stop,
                       std::optional<std::chrono::system_clock::time_point> deadline = {});

// Whether the same call may succeed later: the service could not take it (UNAVAILABLE), or said when to retry.
bool MayRetry(const CommandFailure& failure);

// How often a call is tried, and what is retried.
struct Persistence {
  int attempts = 4;
  bool after_unknown_outcome = false;  // only for writes that carry a request id
  std::stop_token stop = {};           // ends the waiting
};

// One unary call, with at most four attempts. Retries what MayRetry allows, after the pause of Backoff or the longer
// one that the service asks for, within the connection's timeout. `attempt` must be idempotent: writes carry a request
// id.
Outcome<void> Call(const Connection& connection, const Attempt& attempt, const Persistence& persistence = {});

}  // namespace journeyfeed::cli
