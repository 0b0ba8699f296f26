#include "storage/base/task_threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <vector>

namespace journeyfeed {
namespace {

using Task = TaskThreads::Task;

// Holds one thread until it is released.
class Blocker {
 public:
  explicit Blocker(TaskThreads& threads) {
    Task task = [this] {
      began_.count_down();
      release_.get_future().wait();
    };
    EXPECT_TRUE(threads.Accept(1, task));
    began_.wait();
  }
  void Release() { release_.set_value(); }

 private:
  std::latch began_{1};
  std::promise<void> release_;
};

TEST(TaskThreads, TasksRunInOrderOfArrival) {
  std::vector<int> ran;
  {
    TaskThreads threads("test", 1, {}, TaskThreads::AtEnd::kRun);
    for (int i = 0; i < 100; ++i) {
      Task task = [&ran, i] { ran.push_back(i); };
      ASSERT_TRUE(threads.Accept(0, task));
    }
  }
  ASSERT_EQ(ran.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(ran));
}

TEST(TaskThreads, AFullQueueLeavesTheTaskUntouched) {
  TaskThreads threads("test", 1, {.tasks = 1}, TaskThreads::AtEnd::kRun);
  Blocker blocker(threads);
  Task waiting = [] {};
  ASSERT_TRUE(threads.Accept(0, waiting));
  bool ran = false;
  Task refused = [&ran] { ran = true; };
  EXPECT_FALSE(threads.Accept(0, refused));
  refused();
  EXPECT_TRUE(ran);
  blocker.Release();
}

TEST(TaskThreads, BytesAreBoundedExceptForATaskByItself) {
  TaskThreads threads("test", 1, {.bytes = 10}, TaskThreads::AtEnd::kRun);
  Blocker blocker(threads);
  Task large = [] {}, small = [] {};
  EXPECT_TRUE(threads.Accept(1000, large));
  EXPECT_FALSE(threads.Accept(1, small));
  blocker.Release();
}

TEST(TaskThreads, BytesAreGivenBack) {
  TaskThreads threads("test", 1, {.bytes = 10}, TaskThreads::AtEnd::kRun);
  for (int i = 0; i < 3; ++i) {
    Blocker blocker(threads);
    Task first = [] {}, second = [] {};
    EXPECT_TRUE(threads.Accept(5, first));
    EXPECT_TRUE(threads.Accept(5, second));
    blocker.Release();
    std::promise<void> done;
    // Takes its place behind both.
    Task last = [&done] { done.set_value(); };
    while (!threads.Accept(5, last)) std::this_thread::yield();
    done.get_future().wait();
  }
}

TEST(TaskThreads, ATaskThatThrowsEndsNothing) {
  std::promise<void> done;
  TaskThreads threads("test", 1, {}, TaskThreads::AtEnd::kRun);
  Task bad = [] { throw std::runtime_error("of the test"); };
  Task good = [&done] { done.set_value(); };
  ASSERT_TRUE(threads.Accept(0, bad));
  ASSERT_TRUE(threads.Accept(0, good));
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

// The first task holds the thread until the second one is destroyed, so that it cannot have run.
TEST(TaskThreads, WhatWaitsAtTheEndIsRunOrDropped) {
  for (const auto at_end : {TaskThreads::AtEnd::kRun, TaskThreads::AtEnd::kDrop}) {
    bool ran = false;
    std::promise<void> dropped;
    auto freed = dropped.get_future();
    // Tells when a dropped task is destroyed, which is before the destructor waits for the thread.
    struct Told {
      std::promise<void>* promise;
      ~Told() { promise->set_value(); }
    };
    auto told = std::make_unique<Told>(&dropped);
    {
      TaskThreads threads("test", 1, {}, at_end);
      Task first = [&] {
        if (at_end == TaskThreads::AtEnd::kDrop) freed.wait();
      };
      Task second = [&ran, told = std::move(told)] { ran = true; };
      ASSERT_TRUE(threads.Accept(0, first));
      ASSERT_TRUE(threads.Accept(0, second));
    }
    EXPECT_EQ(ran, at_end == TaskThreads::AtEnd::kRun);
  }
}

}  // namespace
}  // namespace journeyfeed
