#include "services/customer_journey/check_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>

namespace journeyfeed::customer_journey {
namespace {

TEST(CheckQueueTest, AnExceptionEndsItsTaskOnly) {
  const auto later = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  const auto held = std::make_shared<std::promise<void>>();  // like the handle of a call: the last one signals
  std::promise<void> done;
  {
    CheckQueue queue;
    for (int i = 0; i < 4; ++i) {
      queue.RunCheck(1, later, [held](const Result<void>&) { throw std::runtime_error("of a plugged check"); });
      queue.RunCheck(1, later, [held](const Result<void>&) { throw 17; });
    }
    queue.RunCheck(1, later, [&](const Result<void>& go) {
      EXPECT_TRUE(go);
      done.set_value();
    });
    EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  }
  EXPECT_EQ(held.use_count(), 1) << "every task was given up";
}

}  // namespace
}  // namespace journeyfeed::customer_journey
