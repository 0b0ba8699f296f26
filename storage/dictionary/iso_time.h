// Times as text, ISO 8601.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/types.h"

namespace journeyfeed::dictionary {

// Accepts "2019-03-09T11:29:00.000Z", an offset ("+02:00") in place of Z, no fraction, no seconds, and a date alone
// (midnight UTC). What is finer than a microsecond is cut off. Nothing for other texts and for dates that do not exist;
// years have four digits.
std::optional<Timestamp> ParseIsoTime(std::string_view text);

// The same, with whether anything was cut off: the text then means a time after `time` and before the next microsecond.
struct IsoTime {
  Timestamp time;
  bool cut = false;
};
std::optional<IsoTime> ReadIsoTime(std::string_view text);

// In UTC: "2019-03-09T11:29:00Z", with six digits of fraction when there is one. Precondition: the year has four
// digits.
std::string FormatIsoTime(Timestamp time);

}  // namespace journeyfeed::dictionary
