// Text on a terminal: its width, the part that fits, and escapes for characters that control the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace journeyfeed::cli {

// The text on one line, without characters that control the terminal: control characters, line separators and
// characters that change the direction of writing are escaped ("\n", "\x1b", "\u202e"), and so are bytes that are not
// UTF-8 ("\xff").
std::string Escaped(std::string_view text);

// How many columns of a terminal the text takes: two for wide characters, none for characters that join the one before.
// Precondition: escaped.
std::size_t DisplayWidth(std::string_view text);

// The text, or, if it is wider than `width`, its beginning and "…", together at most `width`. Joining characters stay
// with their base. Precondition: escaped; width >= 1.
std::string Cut(std::string_view text, std::size_t width);

// The text, padded with spaces after it (before it if `right`) to `width`. Precondition: escaped.
std::string Pad(std::string_view text, std::size_t width, bool right = false);

}  // namespace journeyfeed::cli
