// Dataverse's time zone codes (docs/dataverse.md 6.9) and their clocks. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "storage/types.h"

namespace journeyfeed::customer_journey {

inline constexpr std::int32_t kUtcTimeZoneCode = 92;

struct TimeZone {
  std::int32_t code;
  std::string_view name;  // the standard name of the index, "W. Europe Standard Time"
  std::string_view
      display_name;          // "(GMT+01:00) Amsterdam, Berlin, Rome, Stockholm, Vienna": the offset without summer time
  std::string_view tz_name;  // in the tz database, "Europe/Berlin"; its rules decide
};

// All zones, by code.
std::span<const TimeZone> AllTimeZones();

// Returns null for a code that is not in the list.
const TimeZone* FindTimeZone(std::int32_t code);

// Whether this machine's tz database has the zone's rules. A zone without rules counts as UTC.
bool HasRules(const TimeZone& zone);

// The instant at which the zone's wall clock shows `local` (written as if it were UTC). A time that the clock skips
// maps to the instant of the jump, a time that it shows twice to the first of the two. Monotonic: an earlier wall time
// never maps to a later instant. The rules apply to whole seconds; microseconds are added unchanged.
Timestamp InstantOf(Timestamp local, const TimeZone& zone);

}  // namespace journeyfeed::customer_journey
