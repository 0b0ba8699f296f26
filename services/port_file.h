// Tells the parent process where the server listens.
#pragma once

#include <expected>
#include <string>

namespace journeyfeed {

struct BoundAddresses {
  std::string address;  // "127.0.0.1:43121", "unix:/run/journeyfeed.sock"
  int port = 0;         // 0 for a unix socket
  std::string metrics_address;
  int metrics_port = 0;
};

// Writes {"pid":…,"address":…,"port":…,"metrics_address":…,"metrics_port":…}, so that a reader sees all of it or
// nothing. The error text is for the operator.
std::expected<void, std::string> WritePortFile(const std::string& path, const BoundAddresses& bound);

}  // namespace journeyfeed
