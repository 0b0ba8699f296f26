// Plain sockets, for what gRPC and the metrics server do not report or do.
#pragma once

#include <string>

namespace journeyfeed {

// Returns why nothing can listen on "host:port": binds to it and returns the system's text ("Address already in use").
std::string ListenProblem(const std::string& address);

// Connects to "host:port" and closes at once. Ignores failures.
void Knock(const std::string& address);

}  // namespace journeyfeed
