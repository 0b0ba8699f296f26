#include "storage/dictionary/iso_time.h"

#include <gtest/gtest.h>

namespace journeyfeed::dictionary {
namespace {

std::string Normal(std::string_view text) {
  const auto time = ParseIsoTime(text);
  return time ? FormatIsoTime(*time) : "refused";
}

TEST(IsoTime, ReadsWhatTheWebApiSends) {
  EXPECT_EQ(ParseIsoTime("1970-01-01T00:00:00Z"), Timestamp{0});
  EXPECT_EQ(Normal("2019-03-09T11:29:00.000Z"), "2019-03-09T11:29:00Z");
  EXPECT_EQ(Normal("2019-03-09T11:29Z"), "2019-03-09T11:29:00Z");
  EXPECT_EQ(Normal("2019-03-09"), "2019-03-09T00:00:00Z");
  EXPECT_EQ(Normal("2019-03-09T01:29:00+02:00"), "2019-03-08T23:29:00Z");
  EXPECT_EQ(Normal("2019-12-31T23:30:00-01:00"), "2020-01-01T00:30:00Z");
  EXPECT_EQ(Normal("2019-03-09T11:29:00.5Z"), "2019-03-09T11:29:00.500000Z");
  EXPECT_EQ(Normal("2019-03-09T11:29:00.1234569Z"), "2019-03-09T11:29:00.123456Z");
  EXPECT_EQ(Normal("1753-01-01T00:00:00.000001Z"), "1753-01-01T00:00:00.000001Z");
  EXPECT_EQ(Normal("2020-02-29T00:00:00Z"), "2020-02-29T00:00:00Z");
}

TEST(IsoTime, SaysWhetherAnythingWasCutOff) {
  const auto cut = [](std::string_view text) { return ReadIsoTime(text).value().cut; };
  EXPECT_FALSE(cut("2019-03-09"));
  EXPECT_FALSE(cut("2019-03-09T11:29Z"));
  EXPECT_FALSE(cut("2019-03-09T11:29:00.123456Z"));
  EXPECT_FALSE(cut("2019-03-09T11:29:00.1234560000+02:00"));
  EXPECT_TRUE(cut("2019-03-09T11:29:00.1234561Z"));
  EXPECT_TRUE(cut("2019-03-09T11:29:00.000000000001-05:00"));
  // Even before 1970 the exact time is later than the truncated one.
  EXPECT_EQ(ReadIsoTime("1969-12-31T23:59:59.9999999Z").value().time, Timestamp{-1});
}

TEST(IsoTime, RefusesTheRest) {
  for (const char* text : {"", "2019", "2019-3-9", "2019-02-29", "2019-13-01", "2019-00-01", "2019-03-09T",
                           "2019-03-09T11Z", "2019-03-09T24:00:00Z", "2019-03-09T11:60:00Z", "2019-03-09T11:29:60Z",
                           "2019-03-09T11:29:00", "2019-03-09T11:29:00.Z", "2019-03-09T11:29:00Zx",
                           "2019-03-09 11:29:00Z", "2019-03-09T11:29:00+2", "+2019-03-09", "20190309"}) {
    EXPECT_EQ(Normal(text), "refused") << text;
  }
}

}  // namespace
}  // namespace journeyfeed::dictionary
