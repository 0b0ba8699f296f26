#include "services/call/request_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "tests/support/eventually.h"

namespace journeyfeed::call {
namespace {

using testing::Eventually;

constexpr std::size_t kMiB = 1 << 20;

TEST(RequestPool, MemoryIsTakenAndGivenBack) {
  RequestPool pool(3 * kMiB * kMemoryPerByte);
  auto first = pool.Reserve(2 * kMiB);
  ASSERT_TRUE(first);
  EXPECT_FALSE(pool.Reserve(kMiB + 1));
  auto second = pool.Reserve(kMiB);
  ASSERT_TRUE(second);
  EXPECT_FALSE(pool.Reserve(1));
  EXPECT_EQ(pool.taken(), 3 * kMiB * kMemoryPerByte);
  MemoryShare moved = *std::move(first);
  first.reset();
  EXPECT_FALSE(pool.Reserve(1)) << "a share that was moved is still taken";
  second.reset();
  EXPECT_EQ(pool.taken(), 2 * kMiB * kMemoryPerByte);
  moved = MemoryShare();
  EXPECT_EQ(pool.taken(), 0u);
}

TEST(RequestPool, AShareMayOutliveThePool) {
  std::optional<MemoryShare> share;
  {
    RequestPool pool(kMiB * kMemoryPerByte);
    share = pool.Reserve(kMiB);
    EXPECT_TRUE(share);
  }
  share.reset();
}

TEST(RequestPool, AnExceptionEndsNoThread) {
  RequestPool pool(kMiB, /*threads=*/1);
  pool.Serve([] { throw std::runtime_error("x"); });
  pool.Serve([] { throw 17; });
  std::promise<void> done;
  pool.Serve([&] { done.set_value(); });
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(RequestPool, WhatHasNotBegunIsDroppedAtTheEnd) {
  std::promise<void> begun, go;
  std::atomic<bool> ran = false;
  const auto held = std::make_shared<int>(17);  // like the handle of a call
  auto pool = std::make_unique<RequestPool>(kMiB, /*threads=*/1);
  pool->Serve([&, may_go = go.get_future().share()] {
    begun.set_value();
    may_go.wait();
  });
  begun.get_future().wait();
  pool->Serve([&ran, held] { ran = true; });
  auto end = std::async(std::launch::async, [&] { pool.reset(); });
  EXPECT_TRUE(Eventually([&] { return held.use_count() == 1; })) << "dropped before the work under way is over";
  go.set_value();
  end.get();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace journeyfeed::call
