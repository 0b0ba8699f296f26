// A server's share of the lock table, and which batch gets it.
#include "storage/postgres/write/lock_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "storage/postgres/connection/sql_state.h"
#include "tests/support/eventually.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kLong = 20s;

TEST(LockTable, EveryServerHasRoomForTheLargestCallOrIsRefused) {
  for (const std::int64_t servers : {1, 3, 4, 9, 100}) {
    std::int64_t least = 1;
    while (RefuseLockTable(least, servers)) ++least;
    const std::int64_t share = LockShare(least, servers);
    EXPECT_GE(share, kMostCallLocks);
    EXPECT_LT(LockShare(least - 1 - 2 * servers, servers), kMostCallLocks) << "no more is asked for than is needed";
    EXPECT_LE(servers * (share + kLaneLocks) + kSweeperLocks, least * 4 / 5) << "a fifth is left for other locks";
  }
  // PostgreSQL's defaults.
  EXPECT_FALSE(RefuseLockTable(64 * 122, 4));
}

TEST(LockTable, TheRefusalNamesTheFigure) {
  const auto refusal = RefuseLockTable(5'000, 9);
  ASSERT_TRUE(refusal);
  EXPECT_NE(refusal->message.find("holds 5000 locks and 9 servers need 12622"), std::string::npos) << refusal->message;
}

TEST(LockTable, ABatchHoldsOneLockPerRowAndPerRequestId) {
  WriteRequest plain{.rows = std::vector<WriteRow>(3)},
      repeatable{.rows = std::vector<WriteRow>(5), .request_id = Uuid()};
  EXPECT_EQ(LocksOf({&plain, &repeatable}), 3 + 5 + 1);
}

// It can still be full, because others use the table too: nothing was done, and the data is not to blame.
TEST(LockTable, AFullOneIsWorthAnotherTry) {
  const SqlError full{.sql_state = "53200", .message = "out of shared memory"};
  EXPECT_FALSE(BlamesData(full));
  const Failure failure = ToWriteFailure(full);
  EXPECT_EQ(failure.reason, entity::v1::ERROR_REASON_OVERLOADED);
  EXPECT_TRUE(failure.retry_after);
}

TEST(LockBudget, GivesNoMoreThanItHas) {
  LockBudget budget;
  budget.SetLimit(10);
  auto seven = budget.TakeLocks(7, Clock::now() + kLong);
  ASSERT_TRUE(seven);
  EXPECT_FALSE(budget.TakeLocks(4, Clock::now() + 5ms));
  EXPECT_TRUE(budget.TakeLocks(3, Clock::now() + kLong));
  seven.reset();
  EXPECT_TRUE(budget.TakeLocks(10, Clock::now() + kLong));
}

TEST(LockBudget, WhatIsLargerThanItGoesAlone) {
  LockBudget budget;
  budget.SetLimit(10);
  auto large = budget.TakeLocks(500, Clock::now() + kLong);
  EXPECT_TRUE(large);
  EXPECT_FALSE(budget.TakeLocks(1, Clock::now() + 5ms));
  large.reset();
  EXPECT_TRUE(budget.TakeLocks(1, Clock::now() + kLong));
}

TEST(LockBudget, ALargeBatchIsNotPassedOverAndOneThatGivesUpHoldsNobodyUp) {
  LockBudget budget;
  budget.SetLimit(10);
  auto held = budget.TakeLocks(6, Clock::now() + kLong);
  std::atomic<int> served = 0, waiting = 0;
  std::jthread large([&] {
    ++waiting;
    const auto share = budget.TakeLocks(10, Clock::now() + kLong);
    EXPECT_EQ(served++, 0);
  });
  EXPECT_TRUE(testing::Eventually([&] { return waiting == 1; }));
  // It is in the queue as soon as a small one is not served although there is room for it.
  EXPECT_TRUE(testing::Eventually([&] { return !budget.TakeLocks(1, Clock::now() + 5ms); }));
  std::jthread small([&] {
    const auto share = budget.TakeLocks(1, Clock::now() + kLong);
    EXPECT_EQ(served++, 1);
  });
  held.reset();
  large.join();
  small.join();
  EXPECT_EQ(served, 2);
}

}  // namespace
}  // namespace journeyfeed::postgres
