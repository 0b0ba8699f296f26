// Parses the functions of a filter.
#pragma once

#include "services/query/lexer.h"
#include "storage/query.h"

namespace journeyfeed::query {

// Takes the arguments of the function `name`, from the opening parenthesis to the closing one.
// QUERY_BUILDER_INVALID_CONDITION_OPERATOR: there is no such function, or this service does not support it.
Parsed<Condition> TakeFunction(Lexer& lexer, const Token& name, const Options& options, Spent& spent);

}  // namespace journeyfeed::query
