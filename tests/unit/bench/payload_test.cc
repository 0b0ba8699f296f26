#include "tests/bench/feed/payload.h"

#include <gmock/gmock.h>

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint32_t> BatchesIn(std::string_view message, std::size_t bytes) {
  std::vector<std::uint32_t> batches;
  ForEachMark(message, bytes, [&](const Mark& mark) { batches.push_back(mark.batch); });
  return batches;
}

TEST(PayloadTest, AMarkIsReadAsItWasWritten) {
  const std::string text = MarkedText({.sent = 123456789012345ns, .batch = 0xfedcba98, .place = 7}, 200);
  EXPECT_EQ(text.size(), 200u);
  const auto mark = ReadMark(text);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->sent, 123456789012345ns);
  EXPECT_EQ(mark->batch, 0xfedcba98);
  EXPECT_EQ(mark->place, 7u);
}

TEST(PayloadTest, WhatIsNoMarkIsNone) {
  EXPECT_FALSE(ReadMark("@@"));
  EXPECT_FALSE(ReadMark(std::string(100, 'x')));
  EXPECT_FALSE(ReadMark("@@" + std::string(kMarkBytes, 'g')));
}

TEST(PayloadTest, MarksAreFoundBetweenOtherBytes) {
  const auto text = [](std::uint32_t batch) { return MarkedText({.batch = batch}, 60); };
  EXPECT_THAT(BatchesIn("head@" + text(1) + "@@between" + text(2) + text(3) + "end", 60),
              ::testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(BatchesIn("", 60), ::testing::IsEmpty());
  EXPECT_THAT(BatchesIn(text(1).substr(0, kMarkBytes - 1), 60), ::testing::IsEmpty());
}

TEST(TallyTest, IsTheSameInAnyOrder) {
  Tally one, other;
  for (std::uint32_t i = 0; i < 10; ++i) one.Add({.batch = i, .place = i % 3});
  for (std::uint32_t i = 10; i-- > 0;) other.Add({.batch = i, .place = i % 3});
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.count(), 10u);
}

TEST(TallyTest, ALossThatARepetitionMakesGoodIsSeen) {
  Tally written, delivered;
  for (std::uint32_t i = 0; i < 10; ++i) written.Add({.batch = i});
  for (std::uint32_t i = 0; i < 10; ++i) delivered.Add({.batch = i == 4 ? 5 : i});
  EXPECT_EQ(written.count(), delivered.count());
  EXPECT_NE(written, delivered);
}

TEST(TallyTest, PlaceAndBatchAreNotExchangeable) {
  Tally one, other;
  one.Add({.batch = 1, .place = 2});
  other.Add({.batch = 2, .place = 1});
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace journeyfeed::bench
