#include "services/utf8.h"

#include <cstdint>

namespace journeyfeed {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

bool InRange(std::string_view text, std::size_t index, std::uint8_t low, std::uint8_t high) {
  if (index >= text.size()) return false;
  const auto byte = static_cast<std::uint8_t>(text[index]);
  return byte >= low && byte <= high;
}

bool Continues(std::string_view text, std::size_t index) { return InRange(text, index, 0x80, 0xBF); }

}  // namespace

std::size_t Utf8SequenceLength(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<std::uint8_t>(text[0]);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return Continues(text, 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong forms
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;  // no surrogates
    return InRange(text, 1, low, high) && Continues(text, 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;  // U+10FFFF is the last one
    return InRange(text, 1, low, high) && Continues(text, 2) && Continues(text, 3) ? 4 : 0;
  }
  return 0;
}

std::string ValidUtf8(std::string_view text, std::size_t max_bytes) {
  std::string valid;
  std::size_t cut = 0;  // where the text ends when the ellipsis has to follow
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
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
