#include "services/settings_text.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace journeyfeed {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// Largest first, so that formatting finds the shortest text.
constexpr std::array<Unit, 4> kDurationUnits = {{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kByteUnits = {{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}};

std::optional<std::int64_t> ParseWithUnit(std::string_view text, std::span<const Unit> units) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

std::string FormatWithUnit(std::int64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    const bool exact = value != 0 && value % unit.factor == 0;
    if (exact) return std::to_string(value / unit.factor).append(unit.name);
  }
  return "0";
}

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  const auto value = ParseWithUnit(text, kDurationUnits);
  return value ? std::optional(Duration(*value)) : std::nullopt;
}

std::string FormatDuration(Duration duration) {
  return duration == Duration::zero() ? "0s" : FormatWithUnit(duration.count(), kDurationUnits);
}

std::optional<Bytes> ParseBytes(std::string_view text) {
  auto value = ParseWithUnit(text, kByteUnits);
  if (!value) value = ParseInteger(text);
  return value && *value >= 0 ? std::optional(Bytes{*value}) : std::nullopt;
}

std::string FormatBytes(Bytes bytes) { return FormatWithUnit(bytes.count, kByteUnits); }

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace journeyfeed
