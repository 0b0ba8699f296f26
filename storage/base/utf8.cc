#include "storage/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace journeyfeed {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

std::uint8_t Byte(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

// Length of the run of ASCII that begins at i, found eight bytes at a time; may stop up to seven bytes early.
std::size_t AsciiRun(std::string_view text, std::size_t i) {
  const std::size_t begin = i;
  std::uint64_t word = 0;
  while (i + sizeof word <= text.size()) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & 0x8080808080808080u) != 0) break;
    i += sizeof word;
  }
  return i - begin;
}

}  // namespace

// The second byte has narrower limits after E0, ED, F0 and F4; this excludes overlong forms, surrogates and values
// above U+10FFFF.
Utf8Character FirstCharacter(std::string_view text) {
  if (text.empty()) return {};
  const std::uint8_t lead = Byte(text, 0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xc2 || lead > 0xf4) return {};
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < size) return {};
  const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (Byte(text, 1) < low || Byte(text, 1) > high) return {};
  char32_t value = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!IsUtf8Continuation(text[i])) return {};
    value = value << 6 | (Byte(text, i) & 0x3fu);
  }
  return {value, size};
}

bool IsValidUtf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    i += AsciiRun(text, i);
    if (i == text.size()) break;
    const std::size_t size = FirstCharacter(text.substr(i)).size;
    if (size == 0) return false;
    i += size;
  }
  return true;
}

std::size_t Utf8Length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return !IsUtf8Continuation(byte); }));
}

std::size_t Utf16Length(std::string_view text) {
  std::size_t units = 0;
  for (const char byte : text) {
    units += static_cast<std::size_t>(!IsUtf8Continuation(byte)) +
             static_cast<std::size_t>(static_cast<std::uint8_t>(byte) >= 0xf0);
  }
  return units;
}

std::string_view Utf8Prefix(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && IsUtf8Continuation(text[most])) --most;
  return text.substr(0, most);
}

std::string_view Utf8Suffix(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t begin = text.size() - most;
  while (begin < text.size() && IsUtf8Continuation(text[begin])) ++begin;
  return text.substr(begin);
}

std::string ValidUtf8(std::string_view text, std::size_t max_bytes) {
  std::string valid;
  std::size_t cut = 0;  // where the text ends if the ellipsis must follow
  while (!text.empty()) {
    const std::size_t length = FirstCharacter(text).size;
    const std::string_view piece = length > 0 ? text.substr(0, length) : kReplacement;
    if (valid.size() + piece.size() > max_bytes) {
      valid.resize(cut);
      return valid.append(kEllipsis);
    }
    valid.append(piece);
    if (valid.size() + kEllipsis.size() <= max_bytes) cut = valid.size();
    text.remove_prefix(length > 0 ? length : 1);
  }
  return valid;
}

}  // namespace journeyfeed
