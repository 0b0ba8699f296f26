// The pool's queues, over a database that cannot be reached: every task learns that at once.
#include "storage/postgres/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr char kNowhere[] = "host=/nowhere dbname=none";

// Workers that wait for a task's time while others take it: a reference into the map was used after its end, which
// AddressSanitizer shows.
TEST(WorkerPool, TasksOfManyTimesRunOnceEach) {
  constexpr int kThreads = 4, kTasks = 2000;
  std::atomic<int> ran = 0;
  WorkerPool pool(kNowhere, "", 4, kThreads * kTasks, {});
  std::vector<std::jthread> submitting;
  for (int thread = 0; thread < kThreads; ++thread) {
    submitting.emplace_back([&] {
      for (int i = 0; i < kTasks; ++i) {
        pool.SubmitAt(std::chrono::steady_clock::now() + std::chrono::microseconds(i % 700), Deadline::max(),
                      [&ran](const Result<Connection*>&) { ++ran; });
      }
    });
  }
  submitting.clear();
  EXPECT_TRUE(testing::Eventually([&] { return ran == kThreads * kTasks; }, 30s)) << ran;
}

TEST(WorkerPool, TasksThatWaitForTheirTimeAreBounded) {
  std::vector<ErrorReason> reasons;
  {
    WorkerPool pool(kNowhere, "", 1, 2, {});
    for (int i = 0; i < 3; ++i) {
      pool.SubmitAt(
          std::chrono::steady_clock::now() + 1h, Deadline::max(),
          [&reasons](const Result<Connection*>& connection) { reasons.push_back(connection.error().reason); });
    }
    ASSERT_EQ(reasons.size(), 1u) << "the third one is refused at once";
  }
  EXPECT_EQ(reasons[0], entity::v1::ERROR_REASON_OVERLOADED);
  ASSERT_EQ(reasons.size(), 3u) << "the others are answered when the pool ends";
  EXPECT_EQ(reasons[1], entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE);
}

}  // namespace
}  // namespace journeyfeed::postgres
