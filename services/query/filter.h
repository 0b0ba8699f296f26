// Parses $filter.
#pragma once

#include <optional>
#include <string_view>

#include "services/query/lexer.h"
#include "storage/query.h"

namespace journeyfeed::query {

// Returns the condition of a whole text; nothing for an empty text, which selects everything.
Parsed<std::optional<Condition>> ParseFilter(std::string_view text, const Options& options);

// Takes a condition from a larger text, as far as it goes. `spent` accumulates over several conditions.
Parsed<Condition> TakeCondition(Lexer& lexer, const Options& options, Spent& spent);

// Returns the problem of a text that is too long; nothing if it is not.
std::optional<Problem> LengthProblem(std::string_view text, const Limits& limits);

}  // namespace journeyfeed::query
