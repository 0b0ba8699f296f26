// Who calls, on whose behalf, until when, and the id under which logs show the call.
#pragma once

#include <grpcpp/support/string_ref.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/failure.h"
#include "storage/types.h"

namespace journeyfeed::call {

inline constexpr char kUserHeader[] = "x-user-id";
inline constexpr char kOnBehalfHeader[] = "x-on-behalf-of";
inline constexpr char kCorrelationHeader[] = "x-correlation-id";
// Read by the retry policy of gRPC clients: -1 means that the call must not be sent again.
inline constexpr char kPushbackHeader[] = "grpc-retry-pushback-ms";
inline constexpr char kTraceHeader[] = "traceparent";

struct CallContext {
  // The user that changes are attributed to: x-on-behalf-of if given, else the caller. Nil if the caller gave none.
  Uuid user;
  // The real caller, x-user-id. Differs from `user` only if `on_behalf`.
  Uuid initiating_user;
  bool on_behalf = false;

  Uuid correlation_id;
  // As answered and logged: printable ASCII, at most 128 characters.
  std::string correlation_text;

  // The caller's deadline, else the default; time_point::max() for a stream without one.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // The caller set the deadline itself: after it the caller no longer listens.
  bool caller_deadline = false;

  // Name of the RPC, "Create"; valid as long as the service.
  std::string_view method;
};

using RequestMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Reads identity and correlation. Returns the headers that are malformed or given twice; the correlation is set even
// then. Violations name the header as field. The correlation id comes from, in this order:
//   x-correlation-id  printable ASCII, 1 to 128 characters, else ignored. A UUID or 32 hex digits become that UUID,
//                     other texts Uuid::FromName.
//   traceparent       its trace id; ignored if malformed.
//   neither           a new UUID version 7.
std::vector<FieldViolation> ReadMetadata(const RequestMetadata& metadata, CallContext& context);

}  // namespace journeyfeed::call
