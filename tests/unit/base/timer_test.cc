#include "storage/base/timer.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Timer, ATaskRunsWhenItsTimeHasPassedAndNotBefore) {
  std::promise<Clock::time_point> ran;
  Timer timer("test");
  const auto asked = Clock::now();
  timer.RunAfter(20ms, [&] { ran.set_value(Clock::now()); });
  EXPECT_GE(ran.get_future().get() - asked, 20ms);
}

// The first task holds the thread until all others wait. Their times are over, so that none has to pass.
TEST(Timer, TasksRunInTheOrderInWhichTheyAreDue) {
  std::latch began(1);
  std::promise<void> all_wait, done;
  std::vector<int> ran;
  Timer timer("test");
  timer.RunAfter(0ms, [&] {
    began.count_down();
    all_wait.get_future().wait();
  });
  began.wait();
  timer.RunAfter(-1h, [&] {
    ran.push_back(3);
    done.set_value();
  });
  timer.RunAfter(-3h, [&] { ran.push_back(1); });
  timer.RunAfter(-2h, [&] { ran.push_back(2); });
  all_wait.set_value();
  done.get_future().wait();
  EXPECT_EQ(ran, (std::vector{1, 2, 3}));
}

// Whether a task runs, many times: mostly the thread rests already when the next one is added.
bool WakesTheThread(Timer& timer) {
  for (int i = 0; i < 100; ++i) {
    const auto ran = std::make_shared<std::promise<void>>();
    timer.RunAfter(0ms, [ran] { ran->set_value(); });
    if (ran->get_future().wait_for(60s) != std::future_status::ready) return false;
  }
  return true;
}

TEST(Timer, ACancelledTaskDoesNotRunAndIsFreedAtOnce) {
  Timer timer("test");
  const auto held = std::make_shared<int>(1);
  const Timer::Ticket ticket = timer.RunAfter(1h, [held] { ADD_FAILURE(); });
  EXPECT_EQ(held.use_count(), 2);
  timer.Cancel(ticket);
  EXPECT_EQ(held.use_count(), 1);
  timer.Cancel(ticket);  // is not there any more
  std::promise<void> other;
  timer.RunAfter(0ms, [&] { other.set_value(); });
  other.get_future().wait();
}

TEST(Timer, ATaskDoesNotWaitForOneThatIsDueLater) {
  Timer timer("test");
  EXPECT_TRUE(WakesTheThread(timer));
  timer.RunAfter(24h, [] {});
  EXPECT_TRUE(WakesTheThread(timer));
}

TEST(Timer, ATaskMayAddAnother) {
  std::promise<void> ran;
  Timer timer("test");
  timer.RunAfter(0ms, [&] { timer.RunAfter(0ms, [&] { ran.set_value(); }); });
  EXPECT_EQ(ran.get_future().wait_for(60s), std::future_status::ready);
}

TEST(Timer, ATaskThatThrowsEndsNothing) {
  std::promise<void> ran;
  Timer timer("test");
  timer.RunAfter(0ms, [] { throw std::runtime_error("of the test"); });
  timer.RunAfter(0ms, [&] { ran.set_value(); });
  EXPECT_EQ(ran.get_future().wait_for(60s), std::future_status::ready);
}

TEST(Timer, ItsEndWaitsForTheTaskThatRunsAndDropsTheOthers) {
  const auto held = std::make_shared<int>();
  std::latch began(1);
  std::promise<void> ends;
  bool ended = false, ran = false;
  std::jthread releases;
  {
    Timer timer("test");
    timer.RunAfter(0ms, [&] {
      began.count_down();
      ends.get_future().wait();
      ended = true;
    });
    timer.RunAfter(24h, [&, held] { ran = true; });
    began.wait();
    releases = std::jthread([&] { ends.set_value(); });
  }
  EXPECT_TRUE(ended);
  EXPECT_FALSE(ran);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace journeyfeed
