// The functions of times: which stretch of time each means. All in UTC; weeks begin on Sunday.
#pragma once

#include <optional>
#include <string_view>

#include "storage/types.h"

namespace journeyfeed::query {

enum class TimeArgument { kNone, kNumber, kTime };

enum class TimeShape {
  kCalendar,   // the whole unit, `count` units away from the present one
  kLast,       // from the beginning of the day (of hours: the hour) that many units ago until now
  kNext,       // from now to the end of the day (hour) that many units ahead
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
  int count = 0;  // 0 where the caller gives it
  TimeArgument argument = TimeArgument::kNone;
};

// Null when there is none of this name.
const TimeFunction* FindTimeFunction(std::string_view name);

// From `from`, up to but not including `until`; open where absent.
struct TimeRange {
  std::optional<Timestamp> from;
  std::optional<Timestamp> until;
};

// `number` and `day` are the argument, as far as the function has one. A function that is a negation (kNotOn): the
// range that is negated. Bounds that no column can hold are moved to the nearest that one can.
TimeRange RangeOf(const TimeFunction& function, Timestamp now, std::int64_t number, Timestamp day);

}  // namespace journeyfeed::query
