// Durations on the command line.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace journeyfeed::cli {

// "250ms", "10s", "5m", "1h"; a bare number is seconds. Whole, positive, at most 24 h.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

}  // namespace journeyfeed::cli
