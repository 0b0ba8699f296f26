// Any bytes as a token, on both entities: unchanged, and sealed with the right secret, so that the part behind the
// authentication code is read too. No crash; an accepted token is encoded again to an equivalent one.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/feed/token.h"
#include "services/feed/token_text.h"
#include "storage/dictionary/dictionary.h"
#include "storage/postgres/feed/position.h"

namespace {

using journeyfeed::feed::TokenCodec;
using namespace journeyfeed::postgres;  // positions

constexpr std::uint64_t kView = 42;
constexpr std::string_view kSecret = "a secret that the fuzzer knows";

void Require(bool kept) {
  if (!kept) std::abort();
}

void Read(const TokenCodec& codec, std::string_view token) {
  for (const auto* entity : journeyfeed::dictionary::AllEntities()) {
    if (const auto position = codec.DecodeData(*entity, kView, token)) {
      Require(codec.DecodeData(*entity, kView, codec.EncodeData(*entity, kView, *position)) == *position);
      if (const auto read = DecodePosition(*position)) Require(DecodePosition(EncodePosition(*read)) == *read);
    }
    if (const auto point = codec.DecodeReadYourWrites(*entity, token)) {
      const auto again = codec.DecodeReadYourWrites(*entity, codec.EncodeReadYourWrites(*entity, *point));
      Require(again == *point);
      if (const auto read = DecodePoint(*point)) Require(DecodePoint(EncodePoint(*read)) == *read);
    }
    if (const auto page = codec.DecodePage(*entity, kView, token)) {
      const auto again = codec.DecodePage(*entity, kView, codec.EncodePage(*entity, kView, *page));
      Require(again && again->values == page->values && again->as_of == page->as_of);
    }
  }
}

// Seals like TokenCodec: format 1, key id 1, body, authentication code over all of them.
std::string Sealed(std::string_view body) {
  std::string bytes{1, 1};
  bytes += body;
  bytes += journeyfeed::feed::AuthenticationCode(kSecret, bytes);
  return journeyfeed::feed::ToBase64Url(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenCodec codec([] {
    return std::vector<std::pair<std::uint8_t, std::string>>{{1, std::string(kSecret)}};
  });
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Read(codec, text);
  Read(codec, Sealed(text));
  return 0;
}
