#include "storage/base/pause.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToTheLongest) {
  Backoff backoff(100ms, 1s);
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) EXPECT_EQ(backoff.Next(), pause);
  EXPECT_EQ(backoff.attempts(), 6);
}

TEST(Backoff, StartsAgainAfterASuccess) {
  Backoff backoff(100ms, 1s);
  backoff.Next();
  backoff.Next();
  backoff.Reset();
  EXPECT_EQ(backoff.attempts(), 0);
  EXPECT_EQ(backoff.Next(), 100ms);
}

TEST(Backoff, IsNoShorterThanAsked) {
  Backoff backoff(100ms, 1s);
  EXPECT_EQ(backoff.Next(5s), 5s);
  EXPECT_EQ(backoff.Next(10ms), 200ms);
}

TEST(Backoff, NeverExceedsALongestBelowTheFirst) { EXPECT_EQ(Backoff(100ms, 10ms).Next(), 10ms); }

// Checks the numbers and waits for none of them. 400 draws do not give 100 equal ones by chance.
TEST(Backoff, IsSpreadAroundThePause) {
  std::set<std::chrono::milliseconds> pauses;
  for (int i = 0; i < 100; ++i) {
    const auto pause = Backoff(1s, 2s, 0.2).Next();
    EXPECT_GE(pause, 800ms);
    EXPECT_LE(pause, 1200ms);
    pauses.insert(pause);
  }
  EXPECT_GT(pauses.size(), 1u);
}

TEST(Pause, EndsWithAStop) {
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(Pause(stop.get_token(), 1h));
}

TEST(Pause, EndsByItself) { EXPECT_TRUE(Pause({}, 1ms)); }

}  // namespace
}  // namespace journeyfeed
