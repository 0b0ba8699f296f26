// The bytes of a token: bounded reading, base64url, the authentication code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace journeyfeed::feed {

std::string ToBase64Url(std::string_view bytes);
// Returns nothing if a character is not in the alphabet or the length is impossible.
std::optional<std::string> FromBase64Url(std::string_view text);

inline constexpr std::size_t kCodeBytes = 16;
// HMAC-SHA-256, cut to 128 bits.
std::string AuthenticationCode(std::string_view secret, std::string_view bytes);
// Compares in constant time.
bool SameBytes(std::string_view a, std::string_view b);

void PutFixed64(std::string& out, std::uint64_t value);

// Takes values from the front. After the first failure every call fails.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Varint();
  std::uint64_t Fixed64();
  std::uint8_t Byte();
  std::string_view Take(std::size_t count);
  // Something is left, and nothing failed.
  bool HasMore() const { return !failed_ && !bytes_.empty(); }
  // Everything was read, nothing failed.
  bool Complete() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace journeyfeed::feed
