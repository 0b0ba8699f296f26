// Text patterns with the wildcards of SQL Server's LIKE, which Dataverse lets through in its text functions.
#pragma once

#include <string_view>
#include <vector>

#include "services/query/options.h"
#include "storage/query.h"

namespace journeyfeed::query {

// % any text, _ any character, [a-z] [^a-z] one of a set, a set of one character that character itself; a ] alone is
// itself. `offset`: where the pattern is in the query. Precondition: valid UTF-8.
Parsed<std::vector<PatternPiece>> ParsePattern(std::string_view pattern, std::size_t offset, const Limits& limits);

// That a column matches the pattern. False without asking where the text that the pattern contains is longer than the
// column. QUERY_BUILDER_BAD_CONDITION: together with what is spent already, matching would cost more than the limits.
Parsed<Condition> MatchPattern(const dictionary::Column& column, std::vector<PatternPiece> pattern, std::size_t offset,
                               const Limits& limits, PatternWork& spent);

}  // namespace journeyfeed::query
