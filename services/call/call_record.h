// Counts and logs one call, the same way for unary calls and streams.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <cstddef>
#include <optional>

#include "services/call/context.h"
#include "services/call/method.h"
#include "storage/failure.h"

namespace journeyfeed::call {

// The number of calls and streams of all methods that are not over, including those whose answer is on its way.
int CallsInFlight();

// Counts as one call in flight while it exists.
class InFlight {
 public:
  InFlight();
  InFlight(const InFlight&) : InFlight() {}
  InFlight& operator=(const InFlight&) { return *this; }
  ~InFlight();
};

// A call from its arrival to its end. Not thread-safe. Arrive comes first; End is called once.
class CallRecord {
 public:
  explicit CallRecord(const Method& method) : method_(method) {}

  // Counts the arrival and fills the context. Returns an error if the call must not continue: too large, malformed
  // headers, deadline passed. `unary` calls get a default deadline.
  std::optional<Failure> Arrive(grpc::CallbackServerContext& server_context, std::size_t request_bytes, bool unary);

  // Puts the correlation id into the initial metadata, before anything is sent. For a call that ends at once with
  // UNAVAILABLE or RESOURCE_EXHAUSTED it uses the trailing metadata instead: initial metadata tell a client's retry
  // policy that the server took the call, and the client does not retry. There it also tells the policy not to retry an
  // `error` that would come again. Only the first call of this function has an effect.
  void Introduce(grpc::CallbackServerContext& server_context, grpc::StatusCode code, const Failure* error = nullptr);

  // Counts and logs the end. Returns the code that the caller sees: `code`, or CANCELLED / DEADLINE_EXCEEDED if the
  // caller left before (`cancelled`, or its own deadline has passed).
  grpc::StatusCode End(grpc::StatusCode code, const Failure* error, bool cancelled, std::size_t response_bytes);

  const Method& method() const { return method_; }
  const CallContext& context() const { return context_; }
  CallContext& context() { return context_; }
  std::chrono::steady_clock::time_point started() const { return started_; }
  std::size_t request_bytes() const { return request_bytes_; }  // after Arrive

 private:
  void LogEnd(grpc::StatusCode seen, grpc::StatusCode outcome, const Failure* error, std::size_t response_bytes,
              std::chrono::steady_clock::duration took) const;

  const Method& method_;
  CallContext context_;
  std::chrono::steady_clock::time_point started_{};
  std::size_t request_bytes_ = 0;
  bool introduced_ = false;
  InFlight in_flight_;
};

// The error of a handler that threw. `what` goes only into the log.
Failure UnexpectedFailure(const CallRecord& record, const char* what);

// The error of a call whose caller cancelled it or disconnected.
Failure CallerGone();

// The error of a request that is not a valid message of its type.
Failure MalformedRequest(const google::protobuf::Descriptor& type);

}  // namespace journeyfeed::call
