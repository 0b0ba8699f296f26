// Which key signs, and the answer for a missing key.
#include "storage/postgres/schema/token_key_set.h"

#include <gtest/gtest.h>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

TokenKey Key(int id, std::chrono::milliseconds age) {
  return {.id = id, .secret = "the secret of key " + std::to_string(id), .age = age};
}

// The ids; the key that signs is last.
std::string Order(std::vector<TokenKey> keys) {
  std::string ids;
  for (const auto& [id, secret] : OrderKeys(std::move(keys))) ids += std::to_string(id) + " ";
  return ids;
}

TEST(TokenKeys, ANewKeySignsWhenEveryServerHasReadIt) {
  EXPECT_EQ(Order({Key(1, 24h)}), "1 ");
  EXPECT_EQ(Order({Key(1, 24h), Key(2, 59s)}), "2 1 ");
  EXPECT_EQ(Order({Key(1, 24h), Key(2, 60s)}), "1 2 ");
  EXPECT_EQ(Order({Key(3, 24h), Key(2, 2min), Key(9, 1s)}), "9 3 2 ");
}

TEST(TokenKeys, WithoutASettledKeyTheOldestSignsAtOnce) {
  EXPECT_EQ(Order({Key(1, 0s)}), "1 ");
  EXPECT_EQ(Order({Key(2, 3s), Key(1, 20s)}), "2 1 ");
  EXPECT_EQ(Order({Key(1, 3s), Key(2, 20s)}), "1 2 ");
  // With a clock that was set back.
  EXPECT_EQ(Order({Key(1, -5s), Key(2, -10s)}), "2 1 ");
}

TEST(TokenKeys, AnOrderForKeysOfOneAge) {
  EXPECT_EQ(Order({Key(2, 2min), Key(1, 2min)}), "1 2 ");
  EXPECT_EQ(Order({Key(2, 2s), Key(1, 2s)}), "2 1 ");
}

TEST(TokenKeys, WhatNoTokenCanNameOrAnybodyCanGuessIsLeftOut) {
  EXPECT_EQ(Order({Key(1, 1h), Key(257, 1h), Key(-1, 1h), {.id = 7, .secret = "", .age = 1h}}), "1 ");
}

TEST(TokenKeys, AMissingKeyIsJudgedByALookThatIsYoungEnough) {
  const auto now = TokenKeySet::Clock::now();
  TokenKeySet set;
  EXPECT_TRUE(set.Keys().empty());
  EXPECT_FALSE(set.Lacks(1)) << "nobody has looked yet";
  set.Learn({Key(1, 1h)}, now - 40s);
  EXPECT_FALSE(set.Lacks(1)) << "it is there";
  EXPECT_FALSE(set.Lacks(2)) << "it may have been added since";
  set.Learn({Key(1, 1h)}, now);
  EXPECT_TRUE(set.Lacks(2));
  set.Learn({Key(1, 1h), Key(2, 1s)}, now);
  EXPECT_FALSE(set.Lacks(2));
}

TEST(TokenKeys, AMissingKeyAsksForALookSoonButNotForOneEach) {
  const auto now = TokenKeySet::Clock::now();
  TokenKeySet set;
  EXPECT_TRUE(set.PollIsDue());
  set.Learn({Key(1, 1h)}, now + 1h);  // a read at this moment, however slow the test is
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(set.Lacks(9));
  EXPECT_FALSE(set.PollIsDue());

  TokenKeySet quiet;
  quiet.Learn({Key(1, 1h)}, TokenKeySet::Clock::now() - 500ms);
  EXPECT_TRUE(quiet.Lacks(9));
  EXPECT_TRUE(quiet.PollIsDue());
}

}  // namespace
}  // namespace journeyfeed::postgres
