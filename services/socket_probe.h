// Plain sockets, for what gRPC and the metrics server do not tell or do.
#pragma once

#include <string>

namespace journeyfeed {

// Why nothing can listen on "host:port": binds to it and returns what the system says ("Address already in use").
std::string ListenProblem(const std::string& address);

// Connects to "host:port" and closes again at once. Failures are ignored.
void Knock(const std::string& address);

}  // namespace journeyfeed
