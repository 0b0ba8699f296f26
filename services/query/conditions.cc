#include "services/query/conditions.h"

namespace journeyfeed::query {
namespace {

using dictionary::Column;

// Compares with a literal above `value` and below the next value.
Condition CompareBetween(const Column* column, Comparison comparison, Value value) {
  switch (comparison) {
    case Comparison::kEqual:
      return {Never{column}};
    case Comparison::kNotEqual:
      return Not({Never{column}});
    case Comparison::kLess:
    case Comparison::kLessOrEqual:
      return {Compare{column, Comparison::kLessOrEqual, std::move(value)}};
    case Comparison::kGreater:
    case Comparison::kGreaterOrEqual:
      return {Compare{column, Comparison::kGreater, std::move(value)}};
  }
  return {Never{column}};
}

}  // namespace

Condition Not(Condition condition) {
  NotOf negation;
  negation.parts.push_back(std::move(condition));
  return {std::move(negation)};
}

Condition CompareWith(const Column* column, Comparison comparison, Literal literal) {
  if (literal.between) return CompareBetween(column, comparison, std::move(literal.value));
  return {Compare{column, comparison, std::move(literal.value)}};
}

Condition OneOfThese(const Column* column, std::vector<Literal> literals) {
  OneOf set{column, {}};
  for (Literal& literal : literals) {
    if (!literal.between) set.values.push_back(std::move(literal.value));
  }
  if (set.values.empty()) return {Never{column}};
  return {std::move(set)};
}

}  // namespace journeyfeed::query
