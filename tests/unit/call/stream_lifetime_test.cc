#include "services/call/stream_lifetime.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace journeyfeed::call {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Listener = std::stop_callback<std::function<void()>>;

TEST(StreamLifetime, LifetimesDifferByUpToAFifthFromTheirMean) {
  StreamLifetime lifetime({.mean = 1000s});
  std::set<milliseconds> picked;
  for (int i = 0; i < 1000; ++i) picked.insert(lifetime.PickLifetime());
  EXPECT_GE(*picked.begin(), 800s);
  EXPECT_LE(*picked.rbegin(), 1200s);
  EXPECT_GT(picked.size(), 500U);
}

TEST(StreamLifetime, EndedStreamsComeBackWithinTheSpread) {
  StreamLifetime lifetime({.drain_spread = 5s});
  std::set<milliseconds> picked;
  for (int i = 0; i < 1000; ++i) picked.insert(lifetime.PickReconnectAfter());
  EXPECT_GE(*picked.begin(), 0s);
  EXPECT_LE(*picked.rbegin(), 5s);
  EXPECT_GT(picked.size(), 500U);
}

TEST(StreamLifetime, TheDrainIsToldOnceToWhoeverListens) {
  StreamLifetime lifetime;
  int told = 0;
  const std::function<void()> listen = [&] {
    EXPECT_TRUE(lifetime.draining()) << "a stream that is woken sees it";
    ++told;
  };
  const Listener early(lifetime.drain_token(), listen);
  { const Listener gone(lifetime.drain_token(), listen); }
  EXPECT_FALSE(lifetime.draining());
  lifetime.Drain();
  lifetime.Drain();
  EXPECT_EQ(told, 1);
  const Listener late(lifetime.drain_token(), listen);
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace journeyfeed::call
