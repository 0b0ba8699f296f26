#include "services/query/times.h"

#include <algorithm>
#include <chrono>

namespace journeyfeed::query {
namespace {

using std::chrono::sys_days;
using Shape = TimeShape;
using Unit = TimeUnit;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;
constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;
constexpr auto kNumber = TimeArgument::kNumber;
constexpr auto kTime = TimeArgument::kTime;

constexpr TimeFunction kFunctions[] = {
    {"Yesterday", Shape::kCalendar, Unit::kDay, -1},
    {"Today", Shape::kCalendar, Unit::kDay, 0},
    {"Tomorrow", Shape::kCalendar, Unit::kDay, 1},
    {"LastWeek", Shape::kCalendar, Unit::kWeek, -1},
    {"ThisWeek", Shape::kCalendar, Unit::kWeek, 0},
    {"NextWeek", Shape::kCalendar, Unit::kWeek, 1},
    {"LastMonth", Shape::kCalendar, Unit::kMonth, -1},
    {"ThisMonth", Shape::kCalendar, Unit::kMonth, 0},
    {"NextMonth", Shape::kCalendar, Unit::kMonth, 1},
    {"LastYear", Shape::kCalendar, Unit::kYear, -1},
    {"ThisYear", Shape::kCalendar, Unit::kYear, 0},
    {"NextYear", Shape::kCalendar, Unit::kYear, 1},
    {"Last7Days", Shape::kLast, Unit::kDay, 7},
    {"Next7Days", Shape::kNext, Unit::kDay, 7},
    {"LastXHours", Shape::kLast, Unit::kHour, 0, kNumber},
    {"LastXDays", Shape::kLast, Unit::kDay, 0, kNumber},
    {"LastXWeeks", Shape::kLast, Unit::kWeek, 0, kNumber},
    {"LastXMonths", Shape::kLast, Unit::kMonth, 0, kNumber},
    {"LastXYears", Shape::kLast, Unit::kYear, 0, kNumber},
    {"NextXHours", Shape::kNext, Unit::kHour, 0, kNumber},
    {"NextXDays", Shape::kNext, Unit::kDay, 0, kNumber},
    {"NextXWeeks", Shape::kNext, Unit::kWeek, 0, kNumber},
    {"NextXMonths", Shape::kNext, Unit::kMonth, 0, kNumber},
    {"NextXYears", Shape::kNext, Unit::kYear, 0, kNumber},
    {"OlderThanXMinutes", Shape::kOlderThan, Unit::kMinute, 0, kNumber},
    {"OlderThanXHours", Shape::kOlderThan, Unit::kHour, 0, kNumber},
    {"OlderThanXDays", Shape::kOlderThan, Unit::kDay, 0, kNumber},
    {"OlderThanXWeeks", Shape::kOlderThan, Unit::kWeek, 0, kNumber},
    {"OlderThanXMonths", Shape::kOlderThan, Unit::kMonth, 0, kNumber},
    {"OlderThanXYears", Shape::kOlderThan, Unit::kYear, 0, kNumber},
    {"On", Shape::kOn, Unit::kDay, 0, kTime},
    {"NotOn", Shape::kNotOn, Unit::kDay, 0, kTime},
    {"OnOrBefore", Shape::kOnOrBefore, Unit::kDay, 0, kTime},
    {"OnOrAfter", Shape::kOnOrAfter, Unit::kDay, 0, kTime},
};

Timestamp Floor(Timestamp time, std::int64_t unit) {
  const std::int64_t rest = time.micros % unit;
  return {time.micros - rest - (rest < 0 ? unit : 0)};
}

Timestamp Clamp(Timestamp time) { return std::clamp(time, kEarliestTimestamp, kLatestTimestamp); }

// The time `months` later, on the same day of the month or on its last day.
Timestamp AddMonths(Timestamp time, std::int64_t months) {
  const Timestamp midnight = Floor(time, kMicrosPerDay);
  const sys_days day{std::chrono::days(midnight.micros / kMicrosPerDay)};
  const std::chrono::year_month_day date(day);
  const std::int64_t total =
      std::int64_t{static_cast<int>(date.year())} * 12 + static_cast<unsigned>(date.month()) - 1 + months;
  if (total < 1753 * 12) return kEarliestTimestamp;
  if (total >= 10'000 * 12) return kLatestTimestamp;
  const std::chrono::year_month month{std::chrono::year(static_cast<int>(total / 12)),
                                      std::chrono::month(static_cast<unsigned>(total % 12) + 1)};
  const auto last = (month / std::chrono::last).day();
  const sys_days moved = month / std::min(date.day(), last);
  return {moved.time_since_epoch().count() * kMicrosPerDay + (time.micros - midnight.micros)};
}

std::int64_t SecondsOf(Unit unit) {
  switch (unit) {
    case Unit::kMinute:
      return 60;
    case Unit::kHour:
      return 3600;
    case Unit::kWeek:
      return 7 * 86'400;
    default:
      return 86'400;
  }
}

Timestamp Add(Timestamp time, Unit unit, std::int64_t count) {
  if (unit == Unit::kMonth) return Clamp(AddMonths(time, count));
  if (unit == Unit::kYear) return Clamp(AddMonths(time, count * 12));
  // Exceeds all representable time without overflow.
  constexpr std::int64_t kMostSeconds = 300'000'000'000;
  const std::int64_t seconds = std::clamp(count * SecondsOf(unit), -kMostSeconds, kMostSeconds);
  return Clamp({time.micros + seconds * kMicrosPerSecond});
}

// The beginning of the unit that holds the time.
Timestamp Begin(Timestamp time, Unit unit) {
  const Timestamp midnight = Floor(time, kMicrosPerDay);
  const sys_days day{std::chrono::days(midnight.micros / kMicrosPerDay)};
  const std::chrono::year_month_day date(day);
  switch (unit) {
    case Unit::kHour:
      return Floor(time, kMicrosPerHour);
    case Unit::kWeek:
      return Add(midnight, Unit::kDay, -std::int64_t{std::chrono::weekday(day).c_encoding()});
    case Unit::kMonth:
      return Add(midnight, Unit::kDay, 1 - std::int64_t{static_cast<unsigned>(date.day())});
    case Unit::kYear:
      return AddMonths(Begin(time, Unit::kMonth), 1 - std::int64_t{static_cast<unsigned>(date.month())});
    default:
      return midnight;
  }
}

// The unit that "ago" and "ahead" count from: hours for hours, else days.
Unit Grain(Unit unit) { return unit == Unit::kHour ? Unit::kHour : Unit::kDay; }

}  // namespace

const TimeFunction* FindTimeFunction(std::string_view name) {
  const auto* found = std::ranges::find(kFunctions, name, &TimeFunction::name);
  return found == std::end(kFunctions) ? nullptr : found;
}

TimeRange RangeOf(const TimeFunction& function, Timestamp now, std::int64_t number, Timestamp day) {
  const std::int64_t count = function.argument == kNumber ? number : function.count;
  const Unit unit = function.unit;
  const Timestamp midnight = Begin(day, Unit::kDay);
  switch (function.shape) {
    case Shape::kCalendar: {
      const Timestamp begin = Add(Begin(now, unit), unit, count);
      return {begin, Add(begin, unit, 1)};
    }
    case Shape::kLast:
      return {Begin(Add(now, unit, -count), Grain(unit)), Timestamp{now.micros + 1}};
    case Shape::kNext:
      return {now, Add(Begin(Add(now, unit, count), Grain(unit)), Grain(unit), 1)};
    case Shape::kOlderThan:
      return {{}, Add(now, unit, -count)};
    case Shape::kOn:
    case Shape::kNotOn:
      return {midnight, Add(midnight, Unit::kDay, 1)};
    case Shape::kOnOrBefore:
      return {{}, Add(midnight, Unit::kDay, 1)};
    case Shape::kOnOrAfter:
      return {midnight, {}};
  }
  return {};
}

}  // namespace journeyfeed::query
