// The order of pages that are read ahead.
#include "services/feed/page_queue.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace journeyfeed::testing
