// Text on a terminal: how wide it is, what of it fits, and nothing in it that steers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace journeyfeed::cli {

// The text on one line and harmless: control characters, separators of lines and characters that turn the direction of
// writing are escaped ("\n", "\x1b", "\u202e"), bytes that are no UTF-8 too ("\xff").
std::string Escaped(std::string_view text);

// How many columns of a terminal the text takes: two for wide characters, none for those that join the one before.
// Precondition: escaped.
std::size_t DisplayWidth(std::string_view text);

// The text, or when it is wider than `width`, its beginning and "…", together not wider. Characters that join others
// stay with them. Precondition: escaped; width >= 1.
std::string Cut(std::string_view text, std::size_t width);

// The text with spaces after (before, if `right`) it up to `width`. Precondition: escaped.
std::string Pad(std::string_view text, std::size_t width, bool right = false);

}  // namespace journeyfeed::cli
