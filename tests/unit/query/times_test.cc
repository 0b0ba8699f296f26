// The time functions at one instant: Wednesday 2024-05-15T10:20:30.5Z.
#include "services/query/times.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/dictionary/iso_time.h"

namespace journeyfeed::query {
namespace {

using dictionary::FormatIsoTime;
using dictionary::ParseIsoTime;

std::string At(const char* name, std::int64_t number = 0, const char* now = "2024-05-15T10:20:30.5Z") {
  const TimeFunction* function = FindTimeFunction(name);
  if (!function) return "unknown";
  const TimeRange range = RangeOf(*function, *ParseIsoTime(now), number, *ParseIsoTime("2024-02-29T13:00:00Z"));
  return (range.from ? FormatIsoTime(*range.from) : "…") + " " + (range.until ? FormatIsoTime(*range.until) : "…");
}

TEST(TimesTest, CalendarUnits) {
  EXPECT_EQ(At("Today"), "2024-05-15T00:00:00Z 2024-05-16T00:00:00Z");
  EXPECT_EQ(At("Yesterday"), "2024-05-14T00:00:00Z 2024-05-15T00:00:00Z");
  EXPECT_EQ(At("Tomorrow"), "2024-05-16T00:00:00Z 2024-05-17T00:00:00Z");
  EXPECT_EQ(At("ThisWeek"), "2024-05-12T00:00:00Z 2024-05-19T00:00:00Z");
  EXPECT_EQ(At("ThisWeek", 0, "2024-05-12T00:00:00Z"), "2024-05-12T00:00:00Z 2024-05-19T00:00:00Z");
  EXPECT_EQ(At("LastWeek"), "2024-05-05T00:00:00Z 2024-05-12T00:00:00Z");
  EXPECT_EQ(At("NextWeek"), "2024-05-19T00:00:00Z 2024-05-26T00:00:00Z");
  EXPECT_EQ(At("LastMonth"), "2024-04-01T00:00:00Z 2024-05-01T00:00:00Z");
  EXPECT_EQ(At("LastMonth", 0, "2024-01-31T00:00:00Z"), "2023-12-01T00:00:00Z 2024-01-01T00:00:00Z");
  EXPECT_EQ(At("NextMonth", 0, "2024-12-31T23:59:59Z"), "2025-01-01T00:00:00Z 2025-02-01T00:00:00Z");
  EXPECT_EQ(At("ThisYear"), "2024-01-01T00:00:00Z 2025-01-01T00:00:00Z");
  EXPECT_EQ(At("LastYear"), "2023-01-01T00:00:00Z 2024-01-01T00:00:00Z");
}

TEST(TimesTest, LastAndNext) {
  EXPECT_EQ(At("Last7Days"), "2024-05-08T00:00:00Z 2024-05-15T10:20:30.500001Z");
  EXPECT_EQ(At("Next7Days"), "2024-05-15T10:20:30.500000Z 2024-05-23T00:00:00Z");
  EXPECT_EQ(At("LastXHours", 2), "2024-05-15T08:00:00Z 2024-05-15T10:20:30.500001Z");
  EXPECT_EQ(At("NextXHours", 2), "2024-05-15T10:20:30.500000Z 2024-05-15T13:00:00Z");
  EXPECT_EQ(At("LastXWeeks", 1), "2024-05-08T00:00:00Z 2024-05-15T10:20:30.500001Z");
  EXPECT_EQ(At("LastXMonths", 1, "2024-03-31T10:00:00Z"), "2024-02-29T00:00:00Z 2024-03-31T10:00:00.000001Z");
  EXPECT_EQ(At("NextXYears", 1, "2024-02-29T10:00:00Z"), "2024-02-29T10:00:00Z 2025-03-01T00:00:00Z");
}

TEST(TimesTest, OlderThan) {
  EXPECT_EQ(At("OlderThanXMinutes", 20), "… 2024-05-15T10:00:30.500000Z");
  EXPECT_EQ(At("OlderThanXDays", 15), "… 2024-04-30T10:20:30.500000Z");
  EXPECT_EQ(At("OlderThanXMonths", 3), "… 2024-02-15T10:20:30.500000Z");
  EXPECT_EQ(At("OlderThanXYears", 1), "… 2023-05-15T10:20:30.500000Z");
}

TEST(TimesTest, OnADay) {
  EXPECT_EQ(At("On"), "2024-02-29T00:00:00Z 2024-03-01T00:00:00Z");
  EXPECT_EQ(At("OnOrBefore"), "… 2024-03-01T00:00:00Z");
  EXPECT_EQ(At("OnOrAfter"), "2024-02-29T00:00:00Z …");
}

TEST(TimesTest, NoNumberOverflows) {
  for (const char* unit : {"Minutes", "Hours", "Days", "Weeks", "Months", "Years"}) {
    EXPECT_EQ(At(("OlderThanX" + std::string(unit)).c_str(), 2'147'483'647), "… 1753-01-01T00:00:00Z") << unit;
  }
  EXPECT_EQ(At("NextXYears", 2'147'483'647), "2024-05-15T10:20:30.500000Z 9999-12-30T23:59:59.999999Z");
  EXPECT_EQ(At("nope"), "unknown");
}

}  // namespace
}  // namespace journeyfeed::query
