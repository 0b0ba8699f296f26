#include "services/call/call_record.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "services/call/wire_status.h"
#include "services/logging.h"
#include "storage/dictionary/error_reason.h"

namespace journeyfeed::call {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<int> g_in_flight = 0;

// Returns nothing if the caller gave no deadline.
std::optional<Clock::time_point> CallerDeadline(grpc::CallbackServerContext& context, Clock::time_point now) {
  const gpr_timespec raw = context.raw_deadline();
  if (gpr_time_cmp(raw, gpr_inf_future(raw.clock_type)) == 0) return std::nullopt;
  const gpr_timespec left = gpr_time_sub(raw, gpr_now(raw.clock_type));
  constexpr std::int64_t kForever = 100LL * 365 * 24 * 3600;
  if (left.tv_sec > kForever) return std::nullopt;
  return now + std::chrono::seconds(left.tv_sec) + std::chrono::nanoseconds(left.tv_nsec);
}

Failure TooLarge(std::size_t bytes, std::size_t limit) {
  return Failure{entity::v1::ERROR_REASON_REQUEST_LENGTH_TOO_LARGE, "The request is larger than the server accepts."}
      .With("request_bytes", std::to_string(bytes))
      .With("max_bytes", std::to_string(limit));
}

// Faults of the server are logged as errors; everything else is the caller's matter.
LogLevel LevelOf(grpc::StatusCode outcome) {
  switch (outcome) {
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DATA_LOSS:
      return LogLevel::kError;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return LogLevel::kWarning;
    default:
      return LogLevel::kInfo;
  }
}

// The deadline passes earlier by the caller's clock than by ours, by the travel time of the request, and gRPC rounds
// timeouts up by up to one percent. A call that is cancelled this close to its deadline was cancelled by the deadline.
Clock::duration DeadlineSlack(Clock::duration timeout) {
  return std::max<Clock::duration>(std::chrono::milliseconds(20), timeout / 50);
}

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

int CallsInFlight() { return g_in_flight.load(std::memory_order_acquire); }

InFlight::InFlight() { g_in_flight.fetch_add(1, std::memory_order_relaxed); }

InFlight::~InFlight() { g_in_flight.fetch_sub(1, std::memory_order_release); }

std::optional<Failure> CallRecord::Arrive(grpc::CallbackServerContext& server_context, std::size_t request_bytes,
                                          bool unary) {
  started_ = Clock::now();
  request_bytes_ = request_bytes;
  method_.metrics.request_bytes->Observe(static_cast<double>(request_bytes));
  if (unary) method_.metrics.in_flight->Increment();

  context_.method = method_.name;
  auto violations = ReadMetadata(server_context.client_metadata(), context_);
  if (const auto deadline = CallerDeadline(server_context, started_)) {
    context_.deadline = *deadline;
    context_.caller_deadline = true;
  } else if (unary) {
    context_.deadline = started_ + method_.policy.default_deadline;
  }

  if (request_bytes > method_.max_request_bytes) return TooLarge(request_bytes, method_.max_request_bytes);
  if (!violations.empty()) return InvalidFields(std::move(violations));
  if (context_.deadline <= started_) {
    return Failure{entity::v1::ERROR_REASON_DEADLINE_EXCEEDED, "The deadline had passed when the call arrived."};
  }
  return std::nullopt;
}

void CallRecord::Introduce(grpc::CallbackServerContext& server_context, grpc::StatusCode code, const Failure* error) {
  if (std::exchange(introduced_, true)) return;
  if (code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    server_context.AddTrailingMetadata(kCorrelationHeader, context_.correlation_text);
    if (error != nullptr && !error->retry_after) server_context.AddTrailingMetadata(kPushbackHeader, "-1");
  } else {
    server_context.AddInitialMetadata(kCorrelationHeader, context_.correlation_text);
  }
}

grpc::StatusCode CallRecord::End(grpc::StatusCode code, const Failure* error, bool cancelled,
                                 std::size_t response_bytes) {
  const auto now = Clock::now();
  grpc::StatusCode seen = code;
  const auto slack = cancelled ? DeadlineSlack(context_.deadline - started_) : Clock::duration::zero();
  if (context_.caller_deadline && now >= context_.deadline - slack) {
    seen = grpc::StatusCode::DEADLINE_EXCEEDED;
  } else if (cancelled) {
    seen = grpc::StatusCode::CANCELLED;
  }
  const MethodMetrics& metrics = method_.metrics;
  metrics.requests[seen]->Increment();
  if (metrics.duration) {
    metrics.in_flight->Decrement();
    metrics.duration->Observe(Seconds(now - started_));
    if (seen == grpc::StatusCode::OK) metrics.response_bytes->Observe(static_cast<double>(response_bytes));
  } else {
    metrics.stream_duration->Observe(Seconds(now - started_));
  }
  LogEnd(seen, code, error, response_bytes, now - started_);
  return seen;
}

void CallRecord::LogEnd(grpc::StatusCode seen, grpc::StatusCode outcome, const Failure* error,
                        std::size_t response_bytes, Clock::duration took) const {
  const LogLevel level = LevelOf(outcome);
  if (!LogEnabled(level)) return;
  const std::string user = context_.user.IsNil() ? std::string() : context_.user.ToString();
  Log(level, "call",
      {{"method", std::string_view(method_.path).substr(1)},
       {"code", CodeName(seen)},
       {"reason", error ? std::string_view(dictionary::ReasonName(error->reason)) : std::string_view()},
       {"outcome", seen == outcome ? std::string_view() : std::string_view(CodeName(outcome))},
       {"duration_ms", std::chrono::duration<double, std::milli>(took).count()},
       {"request_bytes", static_cast<std::int64_t>(request_bytes_)},
       {"response_bytes", static_cast<std::int64_t>(response_bytes)},
       {"correlation_id", context_.correlation_text},
       {"user", user}});
}

Failure UnexpectedFailure(const CallRecord& record, const char* what) {
  Log(LogLevel::kError, "exception in a handler",
      {{"method", std::string_view(record.method().path).substr(1)},
       {"correlation_id", record.context().correlation_text},
       {"what", what}});
  return Failure{entity::v1::ERROR_REASON_UNEXPECTED, "The server failed. Report the correlation id."};
}

Failure CallerGone() {
  return Failure{entity::v1::ERROR_REASON_CANCELLED, "The caller cancelled the call or disconnected."};
}

Failure MalformedRequest(const google::protobuf::Descriptor& type) {
  return Failure{
      entity::v1::ERROR_REASON_INVALID_ARGUMENT,
      "The request is not a valid " + type.full_name() + ": its encoding is damaged, or a text in it is not UTF-8."};
}

}  // namespace journeyfeed::call
