// Hexadecimal digits, and the text of UUIDs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace journeyfeed {

// 0 to 15 for a digit in either case; -1 for any other character.
constexpr int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Two lower-case digits.
inline void AppendHex(unsigned char byte, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.push_back(kDigits[byte >> 4]);
  out.push_back(kDigits[byte & 15]);
}

inline constexpr std::size_t kUuidTextSize = 36;

constexpr bool IsUuidHyphen(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

// Canonical form, lower case. Precondition: 16 bytes.
inline void AppendUuidText(std::string_view bytes, std::string& out) {
  const std::size_t begin = out.size();
  for (const char byte : bytes) {
    if (IsUuidHyphen(out.size() - begin)) out.push_back('-');
    AppendHex(static_cast<unsigned char>(byte), out);
  }
}

}  // namespace journeyfeed
