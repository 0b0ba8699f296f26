// Who calls, on whose behalf, for how long, and under which id the call can be found again.
#pragma once

#include <grpcpp/support/string_ref.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/status.h"
#include "storage/types.h"

namespace journeyfeed::call {

inline constexpr char kUserHeader[] = "x-user-id";
inline constexpr char kOnBehalfHeader[] = "x-on-behalf-of";
inline constexpr char kCorrelationHeader[] = "x-correlation-id";
inline constexpr char kTraceHeader[] = "traceparent";

struct CallContext {
  // Whom the changes are attributed to: x-on-behalf-of when given, else the caller. Nil when the caller gave none.
  Uuid user;
  // The real caller, x-user-id. Differs from `user` only when `on_behalf`.
  Uuid initiating_user;
  bool on_behalf = false;

  Uuid correlation_id;
  // As it is answered and logged: printable ASCII, at most 128 characters.
  std::string correlation_text;

  // The caller's deadline, else the default one; time_point::max() for a stream without one.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // The deadline is the caller's own: after it the caller no longer listens.
  bool caller_deadline = false;

  // Name of the RPC, "Create"; lives as long as the service.
  std::string_view method;
};

using RequestMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Reads identity and correlation. Returns the headers that are malformed or given twice; even then the correlation is
// set. Violations name the header as field.
//   x-correlation-id  printable ASCII, 1 to 128 characters, else ignored. As UUID: the UUID or 32 hex digits it is,
//   else Uuid::FromName. traceparent       without one: its trace id. Malformed: ignored. neither           a new UUID
//   version 7.
std::vector<FieldViolation> ReadMetadata(const RequestMetadata& metadata, CallContext& context);

}  // namespace journeyfeed::call
