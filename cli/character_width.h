// How wide the characters of Unicode are on a terminal.
#pragma once

namespace journeyfeed::cli {

// 0 for what joins the character before it (combining marks, joiners, medial Hangul), 2 for the wide ones of East Asia
// and emoji, 1 for the others. By tables of our own: the C library's follow the locale, and in a container there is
// often none.
int CharacterWidth(char32_t character);

}  // namespace journeyfeed::cli
