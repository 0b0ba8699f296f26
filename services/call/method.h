// What all calls of a method share.
#pragma once

#include <google/protobuf/descriptor.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "services/metrics.h"

namespace journeyfeed::call {

class RequestPool;

// The size limit of requests that hold neither a record nor rows: ids, masks, filters, tokens.
inline constexpr std::size_t kMaxPlainBytes = 2 * 1024 * 1024;

// Settings for the calls of every method.
struct Policy {
  // Largest request, in bytes of protobuf. gRPC's own limit is higher (services/server.cc): between the two the caller
  // gets our full error, above gRPC's limit a bare RESOURCE_EXHAUSTED that no metric and no log shows.
  std::size_t max_message_bytes = 16 * 1024 * 1024;
  // Deadline of unary calls that come without one. Streams have none.
  std::chrono::milliseconds default_deadline{30'000};
  // Handles large requests; must outlive the calls. Without it they are handled where they arrive.
  RequestPool* pool = nullptr;
};

// One method. Immutable, shared by all its calls, must outlive them.
struct Method {
  std::string service;  // full name, "journeyfeed.journeyrunsession.v1.JourneyRunSessionService"
  std::string name;     // "Create"
  std::string path;     // "/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/Create"
  MethodMetrics metrics;
  Policy policy;
  std::size_t max_request_bytes = 0;  // policy.max_message_bytes, or less
  // As the proto declares it; what is parsed may be its common form (wire_form.h).
  const google::protobuf::Descriptor* request_type = nullptr;
};

}  // namespace journeyfeed::call
