#include "storage/postgres/feed/commit_payload.h"

#include <gtest/gtest.h>

#include <sstream>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

const std::chrono::system_clock::time_point kNow{1'700'000'000s};
const TokenKeys kKeys{{1, "the first key"}, {2, "the second key"}};
const postgres::LogPoint kPoint{.history = 5, .timeline = 1, .seq = 42, .nonce = -7};

std::string Payload(const TokenKeys& keys = kKeys) { return CommitPayload(1, kPoint, keys, kNow); }

TEST(CommitPayload, IsReadAsItWasWritten) {
  const auto news = ParseCommitPayload(Payload(), kKeys, kNow);
  ASSERT_TRUE(news);
  EXPECT_EQ(news->entity->id, 1);
  EXPECT_EQ(news->point, kPoint);
}

// A server that does not know the newest key yet, or that knows a newer one, is believed.
TEST(CommitPayload, IsGoodWithAnyKnownKey) {
  EXPECT_TRUE(ParseCommitPayload(Payload({kKeys[0]}), kKeys, kNow));
  EXPECT_FALSE(ParseCommitPayload(Payload(), {kKeys[0]}, kNow)) << "made with the second";
  EXPECT_FALSE(ParseCommitPayload(Payload({}), kKeys, kNow)) << "made without any";
  EXPECT_FALSE(ParseCommitPayload(Payload(), {}, kNow));
}

TEST(CommitPayload, IsBadWhenAnyByteIsAnother) {
  const std::string good = Payload();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == '1' ? '2' : '1';
    EXPECT_FALSE(ParseCommitPayload(bad, kKeys, kNow)) << bad;
    EXPECT_FALSE(ParseCommitPayload(good.substr(0, i), kKeys, kNow)) << i;
  }
  EXPECT_FALSE(ParseCommitPayload(good + "0", kKeys, kNow));
  EXPECT_FALSE(ParseCommitPayload(good + " 0", kKeys, kNow));
  EXPECT_FALSE(ParseCommitPayload("", kKeys, kNow));
  EXPECT_FALSE(ParseCommitPayload(std::string(7999, ' '), kKeys, kNow));
}

TEST(CommitPayload, IsBadAMinuteLater) {
  EXPECT_TRUE(ParseCommitPayload(Payload(), kKeys, kNow + 60s));
  EXPECT_TRUE(ParseCommitPayload(Payload(), kKeys, kNow - 60s));
  EXPECT_FALSE(ParseCommitPayload(Payload(), kKeys, kNow + 61s));
  EXPECT_FALSE(ParseCommitPayload(Payload(), kKeys, kNow - 61s));
}

// Version 0.1.0 reads five numbers and ignores the rest.
TEST(CommitPayload, IsReadByServersOfBefore) {
  std::istringstream text(Payload());
  std::int64_t entity = 0, history = 0, timeline = 0, seq = 0, nonce = 0;
  ASSERT_TRUE(text >> entity >> history >> timeline >> seq >> nonce);
  EXPECT_EQ(std::tuple(entity, history, timeline, seq, nonce), std::tuple(1, 5, 1, 42, -7));
}

}  // namespace
}  // namespace journeyfeed::postgres
