// What the columns of a request mean for tokens. A token continues a view if it was issued for the columns that are
// requested now. "All columns" counts as such, so that a release that adds a column invalidates no token.
#pragma once

#include <cstdint>
#include <functional>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::feed {

struct AskedColumns {
  std::uint64_t set = 0;  // the columns to read
  bool all = false;       // all were requested: `set` holds those of this release
};

// The number that stands for the columns in a token. For "all" it is a constant of the entity, the same in every
// release.
std::uint64_t InTokens(const dictionary::Entity& entity, const AskedColumns& asked);

// Maps the number that stands for the columns to the number in the token.
using View = std::function<std::uint64_t(std::uint64_t columns)>;

// How many of the requested columns the token covers. kPart: all except a few.
enum class Coverage { kWhole, kPart, kNone };

// For a token with the number `issued`. kPart only if all columns are requested and the token's list lacks at most
// `most_missing` (0 to 2) of them: this tries every such list, about n^2 / 2 of them for 2 of n columns.
Coverage CoverageOf(const dictionary::Entity& entity, const AskedColumns& asked, std::uint64_t issued, const View& view,
                    int most_missing);

}  // namespace journeyfeed::feed
