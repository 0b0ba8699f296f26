#include "tests/bench/measure/statistics.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace journeyfeed::bench {
namespace {

TEST(MedianTest, IsTheMiddleOrTheMeanOfTheTwoInTheMiddle) {
  EXPECT_EQ(Median({3, 1, 2}), 2);
  EXPECT_EQ(Median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(Median({7}), 7);
  EXPECT_TRUE(std::isnan(Median({})));
}

TEST(SummaryTest, OneValueIsItsOwnInterval) {
  const Summary summary = Summarize({5});
  EXPECT_EQ(summary.median, 5);
  EXPECT_EQ(summary.low, 5);
  EXPECT_EQ(summary.high, 5);
  EXPECT_EQ(summary.values, 1u);
}

TEST(SummaryTest, AnOutlierMovesNeitherMedianNorInterval) {
  const Summary summary = Summarize({10, 11, 9, 10, 12, 8, 10, 11, 9, 1000});
  EXPECT_EQ(summary.median, 10);
  EXPECT_GE(summary.low, 8);
  EXPECT_LE(summary.high, 12);
  EXPECT_LT(summary.low, summary.high);
}

TEST(SummaryTest, IsTheSameForTheSameValues) {
  const std::vector<double> values{1, 5, 2, 8, 3};
  EXPECT_EQ(Summarize(values).low, Summarize(values).low);
  EXPECT_EQ(Summarize(values).high, Summarize(values).high);
}

// The percentile bootstrap of a median of ten covers a little less than it says.
TEST(SummaryTest, TheIntervalContainsTheTrueMedianAboutAsOftenAsItSays) {
  std::mt19937 random(7);
  std::normal_distribution<double> values(100, 10);
  int contained = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<double> sample(10);
    for (double& value : sample) value = values(random);
    const Summary summary = Summarize(sample);
    contained += summary.low <= 100 && 100 <= summary.high ? 1 : 0;
  }
  EXPECT_GE(contained, 0.90 * 400);
  EXPECT_LE(contained, 0.99 * 400);
}

}  // namespace
}  // namespace journeyfeed::bench
