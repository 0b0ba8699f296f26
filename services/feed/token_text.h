// The text of a token: base64url, and the authentication code.
#pragma once

#include <cstddef>
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

}  // namespace journeyfeed::feed
