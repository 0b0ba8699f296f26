// The order of pages that are read ahead.
#include "services/feed/page_queue.h"

#include <gtest/gtest.h>

#include <mutex>
#include <utility>

#include "tests/support/eventually.h"
#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

using feed::PageQueue;
using feed::Share;

TEST(PageQueueTest, OnePageIsReadAheadAndOnlyFromAKnownEnd) {
  PageQueue queue;
  const auto first = queue.Request(1);
  EXPECT_EQ(queue.ReadAheadFrom(), nullptr);
  queue.NoteEnd(first, EndOf(10, 40));
  ASSERT_NE(queue.ReadAheadFrom(), nullptr);
  EXPECT_EQ(queue.ReadAheadFrom()->seq, 10);
  const auto second = queue.Request(2);
  queue.NoteEnd(second, EndOf(20, 40));
  EXPECT_EQ(queue.ReadAheadFrom(), nullptr) << "a third page";

  queue.Arrive(second, PageAt(20, 40), {});
  EXPECT_FALSE(queue.first()->page) << "the second page came first";
  queue.Arrive(first, PageAt(10, 40), {});
  EXPECT_EQ((*queue.first()->page)->next.seq, 10);
  EXPECT_EQ(queue.Take().epoch, 1U);
  ASSERT_NE(queue.ReadAheadFrom(), nullptr);
  EXPECT_EQ(queue.ReadAheadFrom()->seq, 20);
  EXPECT_EQ(queue.Take().epoch, 2U);
  EXPECT_TRUE(queue.empty());
}

TEST(PageQueueTest, WhatWasRequestedBeforeItWasClearedIsForgotten) {
  feed::StreamLimits limits;
  PageQueue queue;
  const auto first = queue.Request(1);
  queue.NoteEnd(first, EndOf(10, 40));
  const auto ahead = queue.Request(1);
  queue.Clear();
  const auto again = queue.Request(3);
  queue.NoteEnd(ahead, EndOf(20, 40));
  queue.Arrive(ahead, PageAt(20, 40), limits.HoldPage(100));
  EXPECT_EQ(queue.ReadAheadFrom(), nullptr);
  EXPECT_FALSE(queue.first()->page);
  EXPECT_EQ(limits.held_bytes(), 0U);
  queue.Arrive(again, PageAt(10, 10), limits.HoldPage(100));
  EXPECT_EQ(limits.held_bytes(), 100U);
  queue.Take();
  EXPECT_EQ(limits.held_bytes(), 0U);
}

TEST(PageQueueTest, ThePageAfterIsReadWhileAPageIsPreparedAndSentAfterIt) {
  StreamServer server;
  std::mutex mutex;
  std::vector<std::function<void()>> answers;
  server.store.deliver = [&](std::function<void()> answer) {
    const std::scoped_lock lock(mutex);
    answers.push_back(std::move(answer));
  };
  const auto take = [&] {
    const std::scoped_lock lock(mutex);
    return std::exchange(answers, {});
  };
  const auto waiting = [&] {
    const std::scoped_lock lock(mutex);
    return answers.size();
  };
  server.store.Answer(PageAt(10, 40, 1));
  server.store.Answer(PageAt(20, 40, 1));
  server.store.Answer(PageAt(40, 40, 1));
  grpc::ClientContext context;
  const auto stream = server.Open(context, {});
  ASSERT_TRUE(Eventually([&] { return waiting() == 2; }));
  EXPECT_EQ(server.store.asked()[1].after, EndOf(10, 40).position);
  const auto first = take();
  first[1]();
  EXPECT_EQ(waiting(), 0U) << "two pages ahead";
  first[0]();
  ASSERT_TRUE(Eventually([&] { return waiting() == 1; }));
  EXPECT_EQ(server.store.asked()[2].after, EndOf(20, 40).position);
  for (const auto& answer : take()) answer();
  std::vector<std::int64_t> order;
  for (StreamServer::Response message; stream->Read(&message);) order.push_back(message.changes(0).sequence_number());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(order, (std::vector<std::int64_t>{10, 20, 40}));
}

}  // namespace
}  // namespace journeyfeed::testing
