// The time functions of filters and the time range of each. All in UTC; weeks begin on Sunday.
#pragma once

#include <optional>
#include <string_view>

#include "storage/types.h"

namespace journeyfeed::query {

enum class TimeArgument { kNone, kNumber, kTime };

enum class TimeShape {
  kCalendar,   // the whole unit, `count` units away from the present one
  kLast,       // from the beginning of the day (with hours: of the hour) that many units ago until now
  kNext,       // from now to the end of the day (with hours: of the hour) that many units ahead
  kOlderThan,  // before now minus that many units
  kOn,         // the day of the argument
  kNotOn,
  kOnOrBefore,
  kOnOrAfter,
};

enum class TimeUnit { kMinute, kHour, kDay, kWeek, kMonth, kYear };

struct TimeFunction {
  std::string_view name;  // without "Microsoft.Dynamics.CRM."
  TimeShape shape;
  TimeUnit unit = TimeUnit::kDay;
  int count = 0;  // 0: the caller gives it
  TimeArgument argument = TimeArgument::kNone;
};

// Returns null if no function has this name.
const TimeFunction* FindTimeFunction(std::string_view name);

// From `from` up to but not including `until`; open on a side that is absent.
struct TimeRange {
  std::optional<Timestamp> from;
  std::optional<Timestamp> until;
};

// `number` and `day` are the arguments, for functions that have them. For a negation (kNotOn): the range that is
// negated. Bounds that no column can hold move to the nearest bound that one can.
TimeRange RangeOf(const TimeFunction& function, Timestamp now, std::int64_t number, Timestamp day);

}  // namespace journeyfeed::query
