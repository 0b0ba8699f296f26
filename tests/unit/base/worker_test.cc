#include "storage/base/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>

namespace journeyfeed {
namespace {

using Clock = Worker::Clock;
constexpr Clock::time_point kNever = Clock::time_point::max();

TEST(Worker, BeginsAtOnce) {
  std::latch began(1);
  Worker worker("test", [&](const std::stop_token&) {
    began.count_down();
    return kNever;
  });
  began.wait();
}

TEST(Worker, WorksAgainWhenTheTimeHasCome) {
  std::latch rounds(3);
  std::atomic<int> count = 0;
  Worker worker("test", [&](const std::stop_token&) {
    if (++count > 3) return kNever;
    rounds.count_down();
    return Clock::now();
  });
  rounds.wait();
}

TEST(Worker, AWakeDuringARoundLeadsToAnother) {
  std::latch first(1), woken(1), second(1);
  std::atomic<int> count = 0;
  Worker worker("test", [&](const std::stop_token&) {
    if (++count == 1) {
      first.count_down();
      woken.wait();
    } else if (count == 2) {
      second.count_down();
    }
    return kNever;
  });
  first.wait();
  worker.Wake();
  woken.count_down();
  second.wait();
}

TEST(Worker, GoesOnAfterARoundThatThrew) {
  std::latch second(1);
  std::atomic<int> count = 0;
  Worker worker("test", [&](const std::stop_token&) -> Clock::time_point {
    if (++count == 1) throw std::runtime_error("the first round fails");
    if (count == 2) second.count_down();
    return kNever;
  });
  worker.Wake();  // does not wait for the pause
  second.wait();
}

TEST(Worker, StopEndsTheRoundUnderWay) {
  std::latch began(1);
  bool ended = false;
  Worker worker("test", [&](const std::stop_token& stop) {
    began.count_down();
    while (!stop.stop_requested()) std::this_thread::yield();
    ended = true;
    return kNever;
  });
  began.wait();
  worker.Stop();
  EXPECT_TRUE(ended);
  worker.Stop();  // a second call is harmless
}

}  // namespace
}  // namespace journeyfeed
