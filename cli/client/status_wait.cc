#include "cli/client/status_wait.h"

#include <optional>
#include <stop_token>
#include <utility>

#include "cli/client/backoff.h"

namespace journeyfeed::cli {
namespace {

using customerjourney::v1::CustomerJourney;
using Clock = std::chrono::steady_clock;

// The columns to read; a token is valid only for the columns that it was requested with.
google::protobuf::FieldMask Columns() {
  google::protobuf::FieldMask columns;
  for (const char* column : {"status_code", "validation_results", "published_by"}) columns.add_paths(column);
  return columns;
}

// A token for the newest position of the feed: the effects of the request come after it.
Outcome<std::string> PresentPlace(EntityClient& client, const Connection& connection) {
  std::string token;
  ChangeRequest request{.columns = Columns(), .skip_initial_load = true};
  auto done = Call(connection, [&](grpc::ClientContext* context) {
    return client.Watch(context, request, [&](const ChangeMessage& message) {
      if (!message.data_token.empty()) token = message.data_token;
      return true;
    });
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return token;
}

Outcome<std::int64_t> Ask(EntityClient& client, const Connection& connection, const StatusRequest& asked) {
  auto target = std::make_unique<CustomerJourney>();
  target->set_id(asked.id);
  target->set_status_code(asked.asked);
  WriteRequest request;
  request.target = std::move(target);
  request.if_match = asked.if_match;
  request.request_id = asked.request_id;
  WriteResult result;
  auto done = Call(connection, [&](grpc::ClientContext* context) { return client.Update(context, request, result); });
  if (!done) return std::unexpected(std::move(done.error()));
  return result.version_number;
}

// Follows the feed until the journey has a version above the written one and another status.
class OutcomeWait {
 public:
  OutcomeWait(EntityClient& client, const Connection& connection, const StatusRequest& asked, std::int64_t written,
              std::string token)
      : client_(client),
        connection_(connection),
        asked_(asked),
        written_(written),
        until_(Clock::now() + asked.patience) {
    request_.data_version = std::move(token);
    request_.follow = true;
    request_.columns = Columns();
  }

  Outcome<StatusOutcome> Await() {
    Backoff backoff = CallBackoff();
    while (Clock::now() < until_) {
      auto failure = OneStream();
      if (removed_) return std::unexpected(Failed(grpc::StatusCode::NOT_FOUND, "the journey was deleted meanwhile"));
      if (outcome_) return *std::move(outcome_);
      if (failure && failure->exit_code == grpc::StatusCode::DEADLINE_EXCEEDED) break;
      if (failure && !MayRetry(*failure)) return std::unexpected(*std::move(failure));
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now());
      const auto delay = backoff.Next(failure ? failure->retry_after : std::nullopt);
      if (!Pause({}, std::min(delay, left))) break;
    }
    return std::unexpected(Failed(grpc::StatusCode::DEADLINE_EXCEEDED,
                                  "the service accepted the request and has not finished it yet; it continues"));
  }

 private:
  std::optional<CommandFailure> OneStream() {
    auto done = CallOnce(
        connection_,
        [this](grpc::ClientContext* context) {
          return client_.Watch(context, request_, [this](const ChangeMessage& message) { return Receive(message); });
        },
        {}, std::chrono::system_clock::now() + (until_ - Clock::now()));
    if (done || outcome_ || removed_) return std::nullopt;
    return std::move(done.error());
  }

  bool Receive(const ChangeMessage& message) {
    for (const Change& change : message.changes) {
      if (change.version_number <= written_) continue;
      removed_ = removed_ || (change.reference != nullptr && change.reference->id() == asked_.id);
      if (change.record == nullptr) continue;
      const auto& journey = static_cast<const CustomerJourney&>(*change.record);
      if (journey.id() == asked_.id && journey.status_code() != asked_.asked) outcome_ = StatusOutcome{journey};
    }
    if (!message.data_token.empty()) request_.data_version = message.data_token;
    return !outcome_ && !removed_;
  }

  static CommandFailure Failed(grpc::StatusCode code, std::string message) {
    CommandFailure failure;
    failure.exit_code = code;
    failure.code = code == grpc::StatusCode::NOT_FOUND ? "NOT_FOUND" : "DEADLINE_EXCEEDED";
    failure.message = std::move(message);
    return failure;
  }

  EntityClient& client_;
  const Connection& connection_;
  const StatusRequest& asked_;
  const std::int64_t written_;
  const Clock::time_point until_;
  ChangeRequest request_;  // for the next stream
  std::optional<StatusOutcome> outcome_;
  bool removed_ = false;
};

}  // namespace

Outcome<StatusOutcome> ChangeStatus(EntityClient& client, const Connection& connection, const StatusRequest& request) {
  auto token = PresentPlace(client, connection);
  if (!token) return std::unexpected(std::move(token.error()));
  const auto written = Ask(client, connection, request);
  if (!written) return std::unexpected(written.error());
  return OutcomeWait(client, connection, request, *written, *std::move(token)).Await();
}

}  // namespace journeyfeed::cli
