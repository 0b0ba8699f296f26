#include "services/call/unary_call.h"

#include "services/call/request_parts_limit.h"
#include "services/call/wire_status.h"
#include "services/logging.h"

namespace journeyfeed::call {
namespace {

Failure TooManyLargeRequests() {
  Failure failure{entity::v1::ERROR_REASON_OVERLOADED,
                  "The large requests in flight use all the memory that is reserved for them."};
  failure.retry_after = std::chrono::milliseconds(500);
  return failure;
}

}  // namespace

bool UnaryCall::Admit(grpc::ByteBuffer& raw) {
  raw_.Swap(&raw);
  std::optional<Failure> error = record_.Arrive(*server_context_, raw_.Length(), /*unary=*/true);
  if (!error && IsForPool()) {
    if (auto share = record_.method().policy.pool->Reserve(raw_.Length())) {
      memory_ = *std::move(share);
    } else {
      error = TooManyLargeRequests();
    }
  }
  if (!error) return true;
  raw_.Clear();
  Fail(*error);
  return false;
}

void UnaryCall::Schedule(RequestPool::Work serve) {
  if (IsForPool()) {
    record_.method().policy.pool->Serve(std::move(serve));
  } else {
    serve();
  }
}

bool UnaryCall::Parse(google::protobuf::Message& request) {
  std::optional<Failure> error = Waited();
  if (!error) error = ParseRequest(raw_, *record_.method().request_type, request);
  raw_.Clear();
  if (error) Fail(*error);
  return !error;
}

// Returns why a call that waited for the pool is not worth handling any more.
std::optional<Failure> UnaryCall::Waited() const {
  if (!IsForPool()) return std::nullopt;
  if (cancelled()) return CallerGone();
  if (context().deadline > std::chrono::steady_clock::now()) return std::nullopt;
  return Failure{entity::v1::ERROR_REASON_DEADLINE_EXCEEDED, "deadline exceeded while the call was queued"};
}

bool UnaryCall::IsForPool() const { return record_.method().policy.pool && record_.request_bytes() > kLargeRequest; }

void UnaryCall::Succeed(grpc::ByteBuffer response) {
  if (!Claim()) return;
  response_->Swap(&response);
  record_.Introduce(*server_context_, grpc::StatusCode::OK);
  const auto seen = record_.End(grpc::StatusCode::OK, nullptr, server_context_->IsCancelled(), response_->Length());
  Finish(seen == grpc::StatusCode::OK ? grpc::Status::OK : grpc::Status(seen, ""));
}

void UnaryCall::Fail(const Failure& error) {
  if (!Claim()) return;
  record_.Introduce(*server_context_, ReasonCode(error.reason), &error);
  record_.End(ReasonCode(error.reason), &error, server_context_->IsCancelled(), 0);
  Finish(ToGrpcStatus(error));
}

// True only for the first caller, who must end the call.
bool UnaryCall::Claim() {
  if (!finished_.exchange(true, std::memory_order_acq_rel)) return true;
  Log(LogLevel::kWarning, "a call was finished twice",
      {{"method", record_.method().path}, {"correlation_id", record_.context().correlation_text}});
  return false;
}

void UnaryCall::DropHandle() {
  if (handles_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (finished_.load(std::memory_order_acquire)) {
    // Answered.
  } else if (cancelled()) {
    Fail(CallerGone());
  } else {
    FailUnexpected("the call was dropped without an answer");
  }
  Release();
}

void UnaryCall::Release() {
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

}  // namespace journeyfeed::call
