// Text patterns with the wildcards of SQL Server's LIKE, which Dataverse passes through in its text functions.
#pragma once

#include <string_view>
#include <vector>

#include "services/query/options.h"
#include "storage/query.h"

namespace journeyfeed::query {

// Wildcards: % any text, _ any character, [a-z] and [^a-z] one character in or outside a set. A set of one character is
// that character; a ] without [ is itself. `offset`: where the pattern is in the query. Precondition: valid UTF-8.
Parsed<std::vector<PatternPiece>> ParsePattern(std::string_view pattern, std::size_t offset, const Limits& limits);

// The condition that a column matches the pattern. It never holds if the text in the pattern is longer than the
// column. QUERY_BUILDER_BAD_CONDITION: together with `spent`, matching would exceed the limits.
Parsed<Condition> MatchPattern(const dictionary::Column& column, std::vector<PatternPiece> pattern, std::size_t offset,
                               const Limits& limits, PatternWork& spent);

}  // namespace journeyfeed::query
