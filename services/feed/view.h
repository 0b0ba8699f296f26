// What the columns of a request mean to tokens. A token goes on where it was issued for what is asked now; "all
// columns" is asked as such, so that a release which adds a column voids no token.
#pragma once

#include <cstdint>
#include <functional>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::feed {

struct AskedColumns {
  std::uint64_t set = 0;  // what is read
  bool all = false;       // asked as all: `set` is what this release has of them
};

// What stands for the columns in a token. For "all" it is a constant of the entity, the same in every release.
std::uint64_t InTokens(const dictionary::Entity& entity, const AskedColumns& asked);

// From what stands for the columns to the number that the token has.
using View = std::function<std::uint64_t(std::uint64_t columns)>;

// How much of the asked columns the holder of a token was given. kPart: all that are asked but a few.
enum class Coverage { kWhole, kPart, kNone };

// Of a token with the number `issued`. kPart only when all are asked, and at most `most_missing` (0 to 2) of them were
// not in the token's list: one number is made for each such list, about n^2 / 2 of them for 2 of n columns.
Coverage CoverageOf(const dictionary::Entity& entity, const AskedColumns& asked, std::uint64_t issued, const View& view,
                    int most_missing);

}  // namespace journeyfeed::feed
