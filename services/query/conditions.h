// Builds conditions from what callers wrote.
#pragma once

#include <string_view>
#include <vector>

#include "storage/query.h"

namespace journeyfeed::query {

// A value as a caller wrote it.
struct Literal {
  Value value;
  // The text is finer than any column holds: the literal lies above `value` and below the next value.
  bool between = false;
};

Condition Not(Condition condition);

// The fewest UTF-16 units of a text that contains this one in any case.
std::size_t LeastUnits(std::string_view text);

// `comparison` with the literal as it was written: nothing equals a literal between two values, or a text longer than
// the column.
Condition CompareWith(const dictionary::Column* column, Comparison comparison, Literal literal);

// Equal to one of the literals. Precondition: at least one.
Condition OneOfThese(const dictionary::Column* column, std::vector<Literal> literals);

}  // namespace journeyfeed::query
