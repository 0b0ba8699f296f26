#include "services/feed/oldest_token.h"

#include <gmock/gmock.h>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::testing {
namespace {

const feed::TokenCodec kTokens([] {
  return std::vector<std::pair<std::uint8_t, std::string>>{{1, "a secret of thirty-two bytes ..."}};
});
const dictionary::Entity& Entity() { return *dictionary::AllEntities().front(); }

Failure Expired(const std::string& position) {
  return Failure{.reason = entity::v1::ERROR_REASON_EXPIRED_VERSION_STAMP, .message = "too old"}
      .With("oldest_sequence_number", "30")
      .With(kOldestPosition, position);
}

TEST(OldestTokenTest, IsATokenOfTheCallersViewAtTheFloor) {
  const Failure failure = feed::WithOldestToken(Expired("C the floor"), kTokens, Entity(), 42);
  ASSERT_EQ(failure.metadata.size(), 2U);
  EXPECT_EQ(failure.metadata[0].first, "oldest_sequence_number");
  EXPECT_EQ(failure.metadata[1].first, "oldest_data_token");
  const auto position = kTokens.DecodeData(Entity(), 42, failure.metadata[1].second);
  ASSERT_TRUE(position);
  EXPECT_EQ(position->bytes, "C the floor");
  EXPECT_FALSE(kTokens.DecodeData(Entity(), 43, failure.metadata[1].second));
}

TEST(OldestTokenTest, OtherFailuresStayAsTheyAre) {
  const Failure other =
      Failure{.reason = entity::v1::ERROR_REASON_UNEXPECTED, .message = "x"}.With(kOldestPosition, "1");
  EXPECT_EQ(feed::WithOldestToken(other, kTokens, Entity(), 1).metadata, other.metadata);
}

}  // namespace
}  // namespace journeyfeed::testing
