#include "storage/dictionary/text.h"

#include <cstdint>
#include <cstring>

namespace journeyfeed::dictionary {
namespace {

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

// Size of the well-formed character at i, 0 when there is none. The second byte has narrower bounds after E0, ED, F0
// and F4, which is what excludes overlong forms, surrogates and values above U+10FFFF.
std::size_t CharacterSize(std::string_view text, std::size_t i) {
  const std::uint8_t lead = Byte(text, i);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() - i < size) return 0;
  const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (Byte(text, i + 1) < low || Byte(text, i + 1) > high) return 0;
  for (std::size_t k = 2; k < size; ++k) {
    if ((Byte(text, i + k) & 0xc0) != 0x80) return 0;
  }
  return size;
}

}  // namespace

std::size_t Utf16Length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    units += static_cast<std::size_t>((byte & 0xc0) != 0x80) + static_cast<std::size_t>(byte >= 0xf0);
  }
  return units;
}

bool IsValidUtf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    i += AsciiRun(text, i);
    if (i == text.size()) break;
    const std::size_t size = CharacterSize(text, i);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

std::string_view Beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (Byte(text, most) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace journeyfeed::dictionary
