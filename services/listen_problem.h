// gRPC and the metrics server only say that they cannot listen, not why.
#pragma once

#include <string>

namespace journeyfeed {

// Tries to bind to "host:port" itself and returns what the system says ("Address already in use").
std::string ListenProblem(const std::string& address);

}  // namespace journeyfeed
