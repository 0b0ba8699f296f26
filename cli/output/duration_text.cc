#include "cli/output/duration_text.h"

#include <charconv>
#include <cstdint>

namespace journeyfeed::cli {
namespace {

// Milliseconds in one unit; 0 for an unknown unit.
std::int64_t Milliseconds(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s" || unit.empty()) return 1'000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  return 0;
}

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  constexpr std::int64_t kLongest = 24 * 3'600'000;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::int64_t unit = Milliseconds(text.substr(static_cast<std::size_t>(end - text.data())));
  if (error != std::errc() || unit == 0 || number <= 0 || number > kLongest / unit) return std::nullopt;
  return std::chrono::milliseconds(number * unit);
}

}  // namespace journeyfeed::cli
