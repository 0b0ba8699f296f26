// What does not change between the calls of a method.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "services/metrics.h"

namespace journeyfeed::call {

// What holds for the calls of every method.
struct Policy {
  // Largest request, in bytes of protobuf. gRPC's own limit is above it (services/server.cc): between the two the
  // caller gets our full error, beyond gRPC's a bare RESOURCE_EXHAUSTED that neither metric nor log sees.
  std::size_t max_message_bytes = 16 * 1024 * 1024;
  // Deadline of unary calls that come without one. Streams have none.
  std::chrono::milliseconds default_deadline{30'000};
};

// One method. Immutable, shared by all its calls, outlives them.
struct Method {
  std::string service;  // full name, "journeyfeed.journeyrunsession.v1.JourneyRunSessionService"
  std::string name;     // "Create"
  std::string path;     // "/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/Create"
  MethodMetrics metrics;
  Policy policy;
};

}  // namespace journeyfeed::call
