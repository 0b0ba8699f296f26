// The least of an HTTP client: what Prometheus does.
#pragma once

#include <string>

namespace journeyfeed::testing {

// The whole answer, headers and body; "" when nothing listens.
std::string HttpGet(const std::string& address, const std::string& path);

}  // namespace journeyfeed::testing
