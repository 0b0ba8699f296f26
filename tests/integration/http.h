// A minimal HTTP client, like Prometheus.
#pragma once

#include <string>

namespace journeyfeed::testing {

// The whole answer, headers and body; "" if nothing listens.
std::string HttpGet(const std::string& address, const std::string& path);

}  // namespace journeyfeed::testing
