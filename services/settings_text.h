// The text forms of durations and sizes in settings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/settings.h"

namespace journeyfeed {

// "250ms", "5s", "30m", "12h"; a whole number and a unit.
std::optional<Duration> ParseDuration(std::string_view text);
std::string FormatDuration(Duration duration);

// "16MiB", "64KiB", "1GiB", "100B", or a plain number of bytes.
std::optional<Bytes> ParseBytes(std::string_view text);
std::string FormatBytes(Bytes bytes);

// A whole number in decimal.
std::optional<std::int64_t> ParseInteger(std::string_view text);

}  // namespace journeyfeed
