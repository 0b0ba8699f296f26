#include "tests/bench/measure/latencies.h"

#include <gtest/gtest.h>

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;

TEST(LatenciesTest, KeepEveryTimeToOnePartIn64) {
  for (std::int64_t time = 1; time < 10000000000000; time = time * 9 / 8 + 1) {
    Latencies one;
    one.Record(std::chrono::nanoseconds(time));
    EXPECT_NEAR(one.Milliseconds(0.5) * 1e6, static_cast<double>(time), static_cast<double>(time) / 64) << time;
  }
}

TEST(LatenciesTest, AShareIsTheTimeThatSoManyDoNotExceed) {
  Latencies times;
  for (int i = 1; i <= 1000; ++i) times.Record(std::chrono::milliseconds(i));
  EXPECT_NEAR(times.Milliseconds(0.5), 500, 500.0 / 64);
  EXPECT_NEAR(times.Milliseconds(0.99), 990, 990.0 / 64);
  EXPECT_NEAR(times.Milliseconds(1), 1000, 1000.0 / 64);
  EXPECT_EQ(times.count(), 1000u);
}

TEST(LatenciesTest, WhatCameBeforeItsTimeCountsAsNothing) {
  Latencies times;
  times.Record(-5ms);
  EXPECT_EQ(times.Milliseconds(1), 0);
  EXPECT_EQ(times.count(), 1u);
}

TEST(LatenciesTest, WithoutTimesEveryShareIsZero) { EXPECT_EQ(Latencies().Milliseconds(0.99), 0); }

TEST(LatenciesTest, ATimeBeyondTheScaleIsTheLongest) {
  Latencies times;
  times.Record(1h * 1000);
  EXPECT_GT(times.Milliseconds(1), 1000.0 * 3600 * 4);
}

}  // namespace
}  // namespace journeyfeed::bench
