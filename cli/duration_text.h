// Durations of the command line.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace journeyfeed::cli {

// "250ms", "10s", "5m", "1h"; a number alone is seconds. Whole and positive numbers, at most 24 h.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

}  // namespace journeyfeed::cli
