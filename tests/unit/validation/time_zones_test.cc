#include "services/customer_journey/recurrence/time_zones.h"

#include <gtest/gtest.h>

#include <set>

#include "storage/dictionary/iso_time.h"

namespace journeyfeed::customer_journey {
namespace {

std::string InstantText(const char* local, std::int32_t code) {
  return dictionary::FormatIsoTime(InstantOf(*dictionary::ParseIsoTime(local), *FindTimeZone(code)));
}

TEST(TimeZones, AreInOrderWithRulesAndNames) {
  std::int32_t before = -1;
  std::set<std::string_view> names;
  for (const TimeZone& zone : AllTimeZones()) {
    EXPECT_GT(zone.code, before);
    before = zone.code;
    EXPECT_TRUE(HasRules(zone)) << zone.tz_name << ": is tzdata installed?";
    EXPECT_TRUE(names.insert(zone.name).second) << zone.name;
    EXPECT_EQ(FindTimeZone(zone.code), &zone);
    EXPECT_TRUE(zone.display_name.starts_with("(GMT")) << zone.display_name;
  }
  EXPECT_EQ(AllTimeZones().size(), 76u);
  for (const std::int32_t code : {-1, 5, 91, 93, 301, 2147483647}) EXPECT_EQ(FindTimeZone(code), nullptr) << code;
}

TEST(TimeZones, AreAsFarFromUtcAsTheyAreNamed) {
  // In January of a year in which only the southern zones of the list had summer time.
  const std::set<std::int32_t> south = {56, 250, 255, 265, 290};
  for (const TimeZone& zone : AllTimeZones()) {
    const char* local = south.contains(zone.code) ? "2025-07-15T12:00:00Z" : "2025-01-15T12:00:00Z";
    const auto noon = *dictionary::ParseIsoTime(local);
    const std::int64_t offset = (noon.micros - InstantOf(noon, zone).micros) / 60'000'000;
    int hours = 0, minutes = 0;
    char sign = '+';
    std::sscanf(std::string(zone.display_name).c_str(), "(GMT%c%d:%d)", &sign, &hours, &minutes);
    EXPECT_EQ(offset, (sign == '-' ? -1 : 1) * (hours * 60 + minutes)) << zone.display_name << ' ' << zone.tz_name;
  }
}

TEST(TimeZones, FollowSummerTime) {
  EXPECT_EQ(InstantText("2024-01-01T12:00:00Z", 110), "2024-01-01T11:00:00Z");
  EXPECT_EQ(InstantText("2024-07-01T12:00:00Z", 110), "2024-07-01T10:00:00Z");
  EXPECT_EQ(InstantText("2024-07-01T12:00:00Z", 92), "2024-07-01T12:00:00Z");
  EXPECT_EQ(InstantText("2024-01-01T12:00:00Z", 255), "2024-01-01T01:00:00Z") << "summer in the south";
  EXPECT_EQ(InstantText("2024-07-01T12:00:00.5Z", 190), "2024-07-01T06:30:00.500000Z");
}

TEST(TimeZones, NeverRunBackwards) {
  for (const TimeZone& zone : AllTimeZones()) {
    Timestamp before{std::numeric_limits<std::int64_t>::min()};
    const std::int64_t first = dictionary::ParseIsoTime("2024-01-01T00:00:00Z")->micros;
    for (std::int64_t half_hours = 0; half_hours < 366 * 48; ++half_hours) {
      const Timestamp instant = InstantOf({first + half_hours * 1'800'000'000 + 250'000}, zone);
      ASSERT_GE(instant, before) << zone.name << " half hour " << half_hours;
      before = instant;
    }
  }
}

}  // namespace
}  // namespace journeyfeed::customer_journey
