// $filter.
#pragma once

#include <optional>
#include <string_view>

#include "services/query/lexer.h"
#include "storage/query.h"

namespace journeyfeed::query {

// The condition of a whole text; nothing for an empty one, which selects everything.
Parsed<std::optional<Condition>> ParseFilter(std::string_view text, const Options& options);

// Takes a condition out of a larger text, as far as it goes. `spent` counts on over several of them.
Parsed<Condition> TakeCondition(Lexer& lexer, const Options& options, Spent& spent);

// What a text is refused for before it is read; nothing when it is not.
std::optional<Problem> LengthProblem(std::string_view text, const Limits& limits);

}  // namespace journeyfeed::query
