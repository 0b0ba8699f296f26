#include "services/query/conditions.h"

#include "storage/base/utf8.h"

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

bool IsTooLong(const Column& column, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text && column.max_length && LeastUnits(*text) > static_cast<std::size_t>(*column.max_length);
}

}  // namespace

// U+0130 has one unit, and two when case-folded.
std::size_t LeastUnits(std::string_view text) {
  constexpr std::string_view kDotAbove = "\u0307";
  std::size_t units = Utf16Length(text);
  for (std::size_t at = 0; (at = text.find(kDotAbove, at)) != std::string_view::npos; at += kDotAbove.size()) --units;
  return units;
}

Condition Not(Condition condition) {
  NotOf negation;
  negation.parts.push_back(std::move(condition));
  return {std::move(negation)};
}

Condition CompareWith(const Column* column, Comparison comparison, Literal literal) {
  if (literal.between) return CompareBetween(column, comparison, std::move(literal.value));
  const bool never = IsTooLong(*column, literal.value);
  if (never && comparison == Comparison::kEqual) return {Never{column}};
  if (never && comparison == Comparison::kNotEqual) return Not({Never{column}});
  return {Compare{column, comparison, std::move(literal.value)}};
}

Condition OneOfThese(const Column* column, std::vector<Literal> literals) {
  OneOf set{column, {}};
  for (Literal& literal : literals) {
    if (!literal.between && !IsTooLong(*column, literal.value)) set.values.push_back(std::move(literal.value));
  }
  if (set.values.empty()) return {Never{column}};
  return {std::move(set)};
}

}  // namespace journeyfeed::query
