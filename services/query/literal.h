// Parses columns and values.
#pragma once

#include <string_view>

#include "services/query/conditions.h"
#include "services/query/lexer.h"

namespace journeyfeed::query {

// The kind of values that a column has, for comparisons.
enum class Kind { kNumber, kText, kId, kTime, kBoolean };
Kind KindOf(const dictionary::Column& column);

// Takes the name of a column: the proto name, the logical name or, of a lookup, "_logicalname_value".
Parsed<const dictionary::Column*> TakeColumn(Lexer& lexer, const dictionary::Entity& entity);
// The same for a name that is already taken.
Parsed<const dictionary::Column*> FindColumn(const Token& name, const dictionary::Entity& entity);

// Takes a value for a column. `quoted`: numbers and booleans may be in quotes (in functions; not in comparisons).
Parsed<Literal> TakeValue(Lexer& lexer, const dictionary::Column& column, bool quoted);

// Takes a text or time; the caller knows what for.
Parsed<Timestamp> TakeTime(Lexer& lexer, const dictionary::Column& column);

// Takes a whole number from `least` to `most`, with or without quotes.
Parsed<std::int64_t> TakeNumber(Lexer& lexer, std::int64_t least, std::int64_t most);

}  // namespace journeyfeed::query
