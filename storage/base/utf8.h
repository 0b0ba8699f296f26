// Facts about UTF-8 text, and the repair of text that is not UTF-8. Well-formed means: no overlong forms, no
// surrogates, nothing above U+10FFFF. One pass each, fast enough for a megabyte per request.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace journeyfeed {

struct Utf8Character {
  char32_t value = 0;
  std::size_t size = 0;  // in bytes, 1 to 4
};

// The character at the start of `text`; size 0 if the bytes there are not well-formed or `text` is empty.
Utf8Character FirstCharacter(std::string_view text);

// Whether the byte is the second, third or fourth of a character.
constexpr bool IsUtf8Continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

bool IsValidUtf8(std::string_view text);

// Number of characters. Precondition: valid UTF-8.
std::size_t Utf8Length(std::string_view text);

// Number of UTF-16 code units, the unit of every length limit: a character above U+FFFF counts two.
// Precondition: valid UTF-8.
std::size_t Utf16Length(std::string_view text);

// The longest prefix or suffix of at most `most` bytes that cuts no character. Precondition: valid UTF-8.
std::string_view Utf8Prefix(std::string_view text, std::size_t most);
std::string_view Utf8Suffix(std::string_view text, std::size_t most);

// `text` with every malformed byte replaced by U+FFFD, at most `max_bytes` long; shortened texts end in "…".
// Precondition: max_bytes >= 3.
std::string ValidUtf8(std::string_view text, std::size_t max_bytes);

}  // namespace journeyfeed
