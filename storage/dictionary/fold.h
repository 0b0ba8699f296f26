// Characters without case, by Unicode's simple case folding: what the function journeyfeed.fold of the database makes
// of each. The one exception is U+0130, which becomes two characters there and stays itself here.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace journeyfeed::dictionary {

using CharacterRange = std::pair<char32_t, char32_t>;  // first <= last

char32_t Fold(char32_t c);

// Whether the character is one of two or more that differ in case only.
bool HasCase(char32_t c);

// Adds ranges with what the characters of `range` become that do not stay themselves. They may have characters besides
// that no folded text has.
void AddFolded(CharacterRange range, std::vector<CharacterRange>& ranges);

}  // namespace journeyfeed::dictionary
