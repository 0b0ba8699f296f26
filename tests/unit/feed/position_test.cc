// What is inside tokens: a position comes back, fits into a short token, and tokens of the first release are read.
#include "storage/postgres/feed/position.h"

#include <gmock/gmock.h>

#include <array>
#include <limits>

#include "services/feed/token.h"
#include "tests/unit/feed/entities.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;

feed::TokenCodec Codec() {
  return feed::TokenCodec([] {
    return std::vector<std::pair<std::uint8_t, std::string>>{{1, "a secret of the first database"}};
  });
}

Position Changes(std::int64_t seq = 123456, std::int64_t high_water = 123999) {
  return {.history = -77, .timeline = 3, .seq = seq, .high_water = high_water, .high_water_nonce = -1};
}

Position Load() {
  Position position = Changes();
  position.load = LoadPosition{.block = 70000,
                               .offset = 59,
                               .end_block = 140000,
                               .file_node = 16387,
                               .system_identifier = -5,
                               .rows_done = 1 << 20};
  return position;
}

Position PartitionLoad() {
  constexpr std::array<std::uint8_t, 16> kId{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  Position position = Changes();
  position.load = LoadPosition{.last_id = Uuid{kId}, .rows_done = 3};
  return position;
}

std::vector<Position> Shapes() {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Position extreme = Changes(kMost - 1, kMost);
  extreme.timeline = std::numeric_limits<std::int32_t>::max();
  extreme.history = std::numeric_limits<std::int64_t>::min();
  return {Changes(), Changes(0, 0), extreme, Load(), PartitionLoad()};
}

TEST(PositionTest, EveryPositionComesBack) {
  for (const Position& position : Shapes()) EXPECT_EQ(DecodePosition(EncodePosition(position)), position);
}

TEST(PositionTest, EveryPointComesBack) {
  const LogPoint point{.history = -9, .timeline = 2, .seq = 1LL << 60, .nonce = -3};
  EXPECT_EQ(DecodePoint(EncodePoint(point)), point);
}

// Consumers keep tokens over an upgrade.
TEST(PositionTest, TokensOfTheFirstReleaseAreRead) {
  const std::vector<std::pair<std::string, Position>> tokens = {
      {"AQFDASoAAAAAAAAAs_________8DwMQHnwT__________1Eoy5OiolExHTiOf8rjtjY", Changes()},
      {"AQFMASoAAAAAAAAAs_________8DwMQHnwT__________4CAQPCiBDvgxQiDgAH7_________2zuG8qE7sOZVt4mn-aZ2f0", Load()},
      {"AQFQASoAAAAAAAAAs_________8DwMQHnwT__________wMAAQIDBAUGBwgJCgsMDQ4P8wUHTjxmaIfnYMbHeGKv5w", PartitionLoad()}};
  for (const auto& [token, position] : tokens) {
    EXPECT_EQ(DecodePosition(Codec().DecodeData(feed::Session(), 42, token).value()), position);
    EXPECT_EQ(Codec().EncodeData(feed::Session(), 42, EncodePosition(position)), token);
  }
  const std::string written = "AQFTAvf_________AoCAgICAgICAEP3_________VRJgxeK0evTV6E2ArPcmkA";
  const LogPoint point{.history = -9, .timeline = 2, .seq = 1LL << 60, .nonce = -3};
  EXPECT_EQ(DecodePoint(Codec().DecodeReadYourWrites(feed::Journey(), written).value()), point);
  EXPECT_EQ(Codec().EncodeReadYourWrites(feed::Journey(), EncodePoint(point)), written);
}

TEST(PositionTest, ATokenIsShortAndSafeInAUrl) {
  for (const Position& position :
       {Changes(1, 1), Changes(), Changes(1LL << 40, (1LL << 40) + 5000), Load(), PartitionLoad()}) {
    const std::string token = Codec().EncodeData(feed::Session(), 42, EncodePosition(position));
    EXPECT_GE(token.size(), 46U * 4 / 3);
    EXPECT_LE(token.size(), (position.load ? 80U : 57U) * 4 / 3 + 1);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
  }
}

TEST(PositionTest, OtherBytesAreRefused) {
  for (const Position& position : Shapes()) {
    const std::string bytes = EncodePosition(position).bytes;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_EQ(DecodePosition({bytes.substr(0, length)}).error().reason, pb::ERROR_REASON_FEED_TOKEN_INVALID);
    }
    EXPECT_FALSE(DecodePosition({bytes + "x"}));
    EXPECT_FALSE(DecodePosition({"X" + bytes.substr(1)}));
  }
  const std::string point = EncodePoint({.seq = 5}).bytes;
  EXPECT_EQ(DecodePoint({point + "x"}).error().reason, pb::ERROR_REASON_SESSION_TOKEN_INVALID);
  EXPECT_FALSE(DecodePoint({point.substr(1)}));
}

TEST(PositionTest, ALoadStartsAgainAtTheSameChanges) {
  for (const Position& position : Shapes()) {
    Position again = position;
    again.load = LoadPosition{};
    EXPECT_EQ(DecodePosition(RestartLoad(EncodePosition(position))), again);
  }
  EXPECT_EQ(RestartLoad({"of another release"}).bytes, "of another release");
}

TEST(PositionTest, TheLaterPointOfAHistory) {
  const auto at = [](std::int64_t history, std::int64_t seq) { return EncodePoint({.history = history, .seq = seq}); };
  EXPECT_EQ(LaterPoint(at(1, 5), at(1, 3)), at(1, 5));
  EXPECT_EQ(LaterPoint(at(1, 3), at(1, 5)), at(1, 5));
  EXPECT_EQ(LaterPoint(at(1, 5), at(2, 3)), at(2, 3)) << "of two histories the second";
}

TEST(PositionTest, APageEndTellsWhatServicesMayKnow) {
  const PageEnd loading = EndAt(Load());
  EXPECT_TRUE(loading.loading);
  EXPECT_FALSE(loading.consistent);
  EXPECT_EQ(loading.rows_done, 1 << 20);
  const PageEnd behind = EndAt(Changes(5, 7)), reached = EndAt(Changes(7, 7));
  EXPECT_FALSE(behind.consistent);
  EXPECT_TRUE(reached.consistent);
  EXPECT_EQ(reached.seq, 7);
  EXPECT_FALSE(reached.loading);
}

}  // namespace
}  // namespace journeyfeed::postgres
