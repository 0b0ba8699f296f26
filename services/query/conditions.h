// Conditions made of what callers wrote.
#pragma once

#include <string_view>
#include <vector>

#include "storage/query.h"

namespace journeyfeed::query {

// A value as a caller wrote it.
struct Literal {
  Value value;
  // What was written is finer than any column holds: it lies above `value` and below the next value.
  bool between = false;
};

Condition Not(Condition condition);

// The fewest UTF-16 units of a text that contains this one, whatever the case.
std::size_t LeastUnits(std::string_view text);

// `comparison` with the literal as it was written: nothing is equal to one between two values, or to a text longer than
// the column.
Condition CompareWith(const dictionary::Column* column, Comparison comparison, Literal literal);

// Equal to one of the literals. Precondition: at least one.
Condition OneOfThese(const dictionary::Column* column, std::vector<Literal> literals);

}  // namespace journeyfeed::query
