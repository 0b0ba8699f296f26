// Facts about UTF-8 text. One pass each, fast enough for a megabyte per request.
#pragma once

#include <cstddef>
#include <string_view>

namespace journeyfeed::dictionary {

// How long the text is in UTF-16 code units, the unit of every length limit: a character above U+FFFF counts two.
// Precondition: valid UTF-8.
std::size_t Utf16Length(std::string_view text);

// Whether the text is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// As much of the text as fits into `most` bytes without a part of a character. Precondition: valid UTF-8.
std::string_view Beginning(std::string_view text, std::size_t most);

}  // namespace journeyfeed::dictionary
