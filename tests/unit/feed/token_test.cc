// Tokens: decoding returns what was encoded, and nothing else is accepted.
#include "services/feed/token.h"

#include <gmock/gmock.h>

#include <random>

#include "services/feed/token_text.h"
#include "storage/dictionary/dictionary.h"
#include "tests/unit/feed/entities.h"

namespace journeyfeed::feed {
namespace {

namespace pb = entity::v1;
using ::testing::Each;
using Keys = std::vector<std::pair<std::uint8_t, std::string>>;

TokenCodec Codec(Keys keys = {{1, "a secret of the first database"}}) {
  return TokenCodec([keys] { return keys; });
}

const ChangePosition kChanges{.bytes = "C where a consumer is"};
const CommitPoint kCommit{.bytes = "what a write reached"};

ErrorReason ReasonOf(const auto& result) { return result ? pb::ERROR_REASON_UNSPECIFIED : result.error().reason; }

TEST(TokenTest, EveryPositionComesBack) {
  for (const std::string bytes : {"C where a consumer is", "L", "Pé", "\xff\x01"}) {
    const std::string token = Codec().EncodeData(Session(), 42, {.bytes = bytes});
    if (bytes.size() > 1) {
      EXPECT_EQ(Codec().DecodeData(Session(), 42, token).value().bytes, bytes);
    } else {
      EXPECT_EQ(ReasonOf(Codec().DecodeData(Session(), 42, token)), pb::ERROR_REASON_FEED_TOKEN_INVALID);
    }
  }
}

TEST(TokenTest, EverySessionTokenComesBack) {
  for (const std::string bytes : {"what a write reached", "", "\xff"}) {
    const std::string token = Codec().EncodeReadYourWrites(Journey(), {.bytes = bytes});
    EXPECT_EQ(Codec().DecodeReadYourWrites(Journey(), token).value().bytes, bytes);
  }
}

PagePosition EndOfPage() {
  return {.as_of = {-5}, .values = {std::nullopt, "", std::string("b\0ä", 4), std::string(16, '\x80'), std::nullopt}};
}

TEST(TokenTest, EveryPageTokenComesBack) {
  for (const PagePosition& position :
       {EndOfPage(), PagePosition{}, PagePosition{.as_of = kLatestTimestamp, .values = {"x"}}}) {
    EXPECT_EQ(Codec().DecodePage(Journey(), 42, Codec().EncodePage(Journey(), 42, position)).value(), position);
  }
}

TEST(TokenTest, APageTokenBelongsToItsDatabaseEntityAndQuery) {
  constexpr auto kInvalid = pb::ERROR_REASON_QUERY_BUILDER_INVALID_PAGING_COOKIE;
  const std::string token = Codec().EncodePage(Journey(), 42, EndOfPage());
  EXPECT_EQ(ReasonOf(Codec().DecodePage(Journey(), 43, token)), kInvalid);
  EXPECT_EQ(ReasonOf(Codec().DecodePage(Session(), 42, token)), kInvalid);
  EXPECT_EQ(ReasonOf(Codec({{1, "a secret of another database"}}).DecodePage(Journey(), 42, token)), kInvalid);
  EXPECT_EQ(ReasonOf(Codec().DecodePage(Journey(), 42, Codec().EncodeData(Journey(), 42, kChanges))), kInvalid);
  EXPECT_EQ(ReasonOf(Codec().DecodeData(Journey(), 42, token)), pb::ERROR_REASON_FEED_TOKEN_INVALID);
  EXPECT_EQ(ReasonOf(Codec().DecodeReadYourWrites(Journey(), token)), pb::ERROR_REASON_SESSION_TOKEN_INVALID);
  const std::string bytes = FromBase64Url(token).value();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(ReasonOf(Codec().DecodePage(Journey(), 42, ToBase64Url(flipped))), kInvalid) << bit;
  }
}

TEST(TokenTest, EveryFlippedBitIsRefused) {
  const std::string bytes = FromBase64Url(Codec().EncodeData(Session(), 42, kChanges)).value();
  const std::string session = FromBase64Url(Codec().EncodeReadYourWrites(Session(), kCommit)).value();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(ReasonOf(Codec().DecodeData(Session(), 42, ToBase64Url(flipped))), pb::ERROR_REASON_FEED_TOKEN_INVALID)
        << bit;
  }
  for (std::size_t bit = 0; bit < session.size() * 8; ++bit) {
    std::string flipped = session;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(ReasonOf(Codec().DecodeReadYourWrites(Session(), ToBase64Url(flipped))),
              pb::ERROR_REASON_SESSION_TOKEN_INVALID)
        << bit;
  }
}

TEST(TokenTest, EveryOtherTextIsRefused) {
  const std::string token = Codec().EncodeData(Session(), 42, kChanges);
  std::vector<std::string> texts = {"",          "A",         "!",          token + "A",
                                    token + "=", " " + token, token + '\0', std::string(1 << 20, 'A')};
  for (std::size_t length = 0; length < token.size(); ++length) texts.push_back(token.substr(0, length));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    texts.push_back(changed);
  }
  for (const std::string& text : texts) {
    EXPECT_EQ(ReasonOf(Codec().DecodeData(Session(), 42, text)), pb::ERROR_REASON_FEED_TOKEN_INVALID)
        << text.substr(0, 100);
  }
}

TEST(TokenTest, BelongsToItsDatabaseEntityViewAndKind) {
  const std::string token = Codec().EncodeData(Session(), 42, kChanges);
  EXPECT_EQ(ReasonOf(Codec({{1, "another secret"}}).DecodeData(Session(), 42, token)),
            pb::ERROR_REASON_FEED_TOKEN_INVALID);
  EXPECT_EQ(ReasonOf(Codec({{2, "a secret of the first database"}}).DecodeData(Session(), 42, token)),
            pb::ERROR_REASON_FEED_TOKEN_INVALID);
  EXPECT_EQ(ReasonOf(Codec().DecodeData(Journey(), 42, token)), pb::ERROR_REASON_FEED_TOKEN_INVALID);
  EXPECT_EQ(ReasonOf(Codec().DecodeData(Session(), 43, token)), pb::ERROR_REASON_FEED_TOKEN_VIEW_MISMATCH);
  EXPECT_EQ(ReasonOf(Codec().DecodeReadYourWrites(Session(), token)), pb::ERROR_REASON_SESSION_TOKEN_INVALID);
  const std::string session = Codec().EncodeReadYourWrites(Session(), kCommit);
  EXPECT_EQ(ReasonOf(Codec().DecodeData(Session(), 42, session)), pb::ERROR_REASON_FEED_TOKEN_INVALID);
  EXPECT_EQ(ReasonOf(Codec().DecodeReadYourWrites(Journey(), session)), pb::ERROR_REASON_SESSION_TOKEN_INVALID);
}

// A version that does not exist yet, but authentic: a newer server's token reached an older one.
TEST(TokenTest, AnotherFormatIsRefusedEvenWhenAuthentic) {
  std::string bytes = FromBase64Url(Codec().EncodeData(Session(), 42, kChanges)).value();
  bytes.resize(bytes.size() - kCodeBytes);
  bytes[0] = 2;
  bytes += AuthenticationCode("a secret of the first database", bytes);
  EXPECT_EQ(ReasonOf(Codec().DecodeData(Session(), 42, ToBase64Url(bytes))), pb::ERROR_REASON_FEED_TOKEN_INVALID);
}

TEST(TokenTest, KeysRotate) {
  const Keys old = {{1, "first"}}, both = {{1, "first"}, {2, "second"}}, late = {{2, "second"}};
  const std::string before = Codec(old).EncodeData(Session(), 42, kChanges);
  const std::string after = Codec(both).EncodeData(Session(), 42, kChanges);
  EXPECT_TRUE(Codec(both).DecodeData(Session(), 42, before));
  EXPECT_TRUE(Codec(late).DecodeData(Session(), 42, after));
  EXPECT_FALSE(Codec(late).DecodeData(Session(), 42, before));
}

TEST(TokenTest, WithoutKeysTheDatabaseIsNotReady) {
  const std::string token = Codec().EncodeData(Session(), 42, kChanges);
  EXPECT_EQ(ReasonOf(Codec(Keys()).DecodeData(Session(), 42, token)), pb::ERROR_REASON_SERVICE_UNAVAILABLE);
}

TEST(TokenTest, TheViewIsColumnsAndPartition) {
  const std::vector<std::uint64_t> views = {ViewOf(6, {}),  ViewOf(7, {}),  ViewOf(6, ""), ViewOf(6, "a"),
                                            ViewOf(6, "b"), ViewOf(0, "6"), ViewOf(60, {})};
  EXPECT_EQ(std::set(views.begin(), views.end()).size(), views.size());
  EXPECT_EQ(ViewOf(6, "a"), ViewOf(6, "a"));
}

// Arbitrary bytes only fail.
TEST(TokenTest, RandomBytesAreRefused) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 90, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (bytes.size() > 1) bytes[0] = bytes[1] = 1;
    ASSERT_EQ(ReasonOf(Codec().DecodeData(Session(), 42, ToBase64Url(bytes))), pb::ERROR_REASON_FEED_TOKEN_INVALID);
  }
}

TEST(TokenTest, OfAKeyThatCouldNotBeReadYetIsAskedForAgain) {
  const std::string token = Codec({{2, "a new secret"}}).EncodeReadYourWrites(Session(), kCommit);
  std::vector<int> missed;
  const TokenCodec codec(
      [] {
        return Keys{{1, "the old secret"}};
      },
      [&](std::uint8_t id) {
        missed.push_back(id);
        return missed.size() > 1;
      });
  EXPECT_EQ(ReasonOf(codec.DecodeReadYourWrites(Session(), token)), pb::ERROR_REASON_SERVICE_UNAVAILABLE);
  EXPECT_EQ(ReasonOf(codec.DecodeReadYourWrites(Session(), token)), pb::ERROR_REASON_SESSION_TOKEN_INVALID);
  // A known key needs no lookup.
  const std::string forged = Codec({{1, "another secret"}}).EncodeReadYourWrites(Session(), kCommit);
  EXPECT_EQ(ReasonOf(codec.DecodeReadYourWrites(Session(), forged)), pb::ERROR_REASON_SESSION_TOKEN_INVALID);
  EXPECT_THAT(missed, Each(2));
}

}  // namespace
}  // namespace journeyfeed::feed
