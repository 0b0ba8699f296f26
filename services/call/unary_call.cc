#include "services/call/unary_call.h"

#include "services/call/request_parts_limit.h"
#include "services/call/wire_status.h"
#include "services/logging.h"

namespace journeyfeed::call {

bool UnaryCall::Receive(grpc::ByteBuffer& raw, google::protobuf::Message& request) {
  std::optional<Status> error = record_.Arrive(*server_context_, raw.Length(), /*unary=*/true);
  if (!error) error = ParseRequest(raw, request);
  raw.Clear();
  if (error) Fail(*error);
  return !error;
}

void UnaryCall::Succeed(grpc::ByteBuffer response) {
  if (!Claim()) return;
  response_->Swap(&response);
  record_.Introduce(*server_context_, grpc::StatusCode::OK);
  const auto seen = record_.End(grpc::StatusCode::OK, nullptr, server_context_->IsCancelled(), response_->Length());
  Finish(seen == grpc::StatusCode::OK ? grpc::Status::OK : grpc::Status(seen, ""));
}

void UnaryCall::Fail(const Status& error) {
  if (!Claim()) return;
  record_.Introduce(*server_context_, ReasonCode(error.reason));
  record_.End(ReasonCode(error.reason), &error, server_context_->IsCancelled(), 0);
  Finish(ToGrpcStatus(error));
}

// True for the first caller only, who then ends the call.
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
    Fail(Status{entity::v1::ERROR_REASON_CANCELLED, "The caller has gone."});
  } else {
    FailUnexpected("the call was dropped without an answer");
  }
  Release();
}

void UnaryCall::Release() {
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

}  // namespace journeyfeed::call
