#include "cli/output/display_text.h"

#include <array>
#include <cstdio>

#include "cli/output/character_width.h"
#include "storage/base/utf8.h"

namespace journeyfeed::cli {
namespace {

// Control characters, U+2028 and U+2029, and characters that change the direction of writing.
bool Steers(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string Escape(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), c < 0x80 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c));
  return text.data();
}

std::string EscapeByte(char byte) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  return text.data();
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = FirstCharacter(text);
    const std::size_t size = character.size == 0 ? 1 : character.size;
    if (character.size == 0) {
      escaped += EscapeByte(text[0]);
    } else if (Steers(character.value)) {
      escaped += Escape(character.value);
    } else {
      escaped += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return escaped;
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Utf8Character character = FirstCharacter(text);
    width += static_cast<std::size_t>(CharacterWidth(character.value));
    text.remove_prefix(character.size == 0 ? 1 : character.size);
  }
  return width;
}

std::string Cut(std::string_view text, std::size_t width) {
  std::size_t used = 0, fits = 0, position = 0;  // `fits`: bytes that leave room for the ellipsis
  while (position < text.size()) {
    const Utf8Character character = FirstCharacter(text.substr(position));
    used += static_cast<std::size_t>(CharacterWidth(character.value));
    if (used > width) return std::string(text.substr(0, fits)) + "…";
    position += character.size == 0 ? 1 : character.size;
    if (used + 1 <= width) fits = position;
  }
  return std::string(text);
}

std::string Pad(std::string_view text, std::size_t width, bool right) {
  const std::size_t have = DisplayWidth(text);
  const std::string spaces(width > have ? width - have : 0, ' ');
  return right ? spaces + std::string(text) : std::string(text) + spaces;
}

}  // namespace journeyfeed::cli
