// The width of Unicode characters on a terminal.
#pragma once

namespace journeyfeed::cli {

// 0 for characters that join the one before (combining marks, joiners, medial Hangul), 2 for wide characters of East
// Asia and emoji, 1 for all others. Uses its own tables: those of the C library depend on the locale, and a container
// often has none.
int CharacterWidth(char32_t character);

}  // namespace journeyfeed::cli
