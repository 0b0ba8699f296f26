#include "services/query/filter.h"

#include "services/query/arguments.h"
#include "services/query/conditions.h"
#include "services/query/functions.h"
#include "services/query/literal.h"

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;
using dictionary::Column;

constexpr std::string_view kOperators = "eq, ne, gt, ge, lt, le or in";

std::optional<Comparison> ComparisonOf(const Token& token) {
  if (token.kind != TokenKind::kWord) return std::nullopt;
  if (token.text == "eq") return Comparison::kEqual;
  if (token.text == "ne") return Comparison::kNotEqual;
  if (token.text == "gt") return Comparison::kGreater;
  if (token.text == "ge") return Comparison::kGreaterOrEqual;
  if (token.text == "lt") return Comparison::kLess;
  if (token.text == "le") return Comparison::kLessOrEqual;
  return std::nullopt;
}

bool IsEquality(Comparison comparison) {
  return comparison == Comparison::kEqual || comparison == Comparison::kNotEqual;
}

Problem At(const Token& token, ErrorReason reason, std::string description) {
  return {reason, token.offset, std::move(description)};
}

// Recursive descent, at most as deep as the limit.
class FilterParser {
 public:
  FilterParser(Lexer& lexer, const Options& options, Spent& spent) : lexer_(lexer), options_(options), spent_(spent) {}

  // a or b or …
  Parsed<Condition> Disjunction(std::size_t depth) {
    AnyOf any;
    do {
      auto part = Conjunction(depth);
      if (!part) return part;
      any.parts.push_back(*std::move(part));
    } while (lexer_.TryWord("or"));
    if (any.parts.size() == 1) return std::move(any.parts.front());
    return Condition{std::move(any)};
  }

 private:
  Parsed<Condition> Conjunction(std::size_t depth) {
    AllOf all;
    do {
      auto part = Unary(depth);
      if (!part) return part;
      all.parts.push_back(*std::move(part));
    } while (lexer_.TryWord("and"));
    if (all.parts.size() == 1) return std::move(all.parts.front());
    return Condition{std::move(all)};
  }

  Parsed<Condition> Unary(std::size_t depth) {
    if (!lexer_.IsWord("not") && !lexer_.Is('(')) return Single();
    if (depth == options_.limits.depth) {
      return std::unexpected(At(lexer_.peek(), pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION,
                                "parentheses and not are nested deeper than " + std::to_string(options_.limits.depth)));
    }
    if (lexer_.TryWord("not")) {
      auto part = Unary(depth + 1);
      if (!part) return part;
      return Not(*std::move(part));
    }
    lexer_.Try('(');
    auto inner = Disjunction(depth + 1);
    if (inner && !lexer_.Try(')')) return std::unexpected(lexer_.Expected("and, or or \")\""));
    return inner;
  }

  // A comparison or a function: the limit of conditions counts these.
  Parsed<Condition> Single() {
    if (lexer_.peek().kind != TokenKind::kWord) return std::unexpected(lexer_.Expected("a condition"));
    const Token name = lexer_.TakeToken();
    if (++spent_.conditions > options_.limits.conditions) {
      return std::unexpected(At(name, pb::ERROR_REASON_TOO_MANY_CONDITIONS_IN_QUERY,
                                "more than " + std::to_string(options_.limits.conditions) + " conditions"));
    }
    if (lexer_.Is('(')) return TakeFunction(lexer_, name, options_, spent_);
    const auto column = FindColumn(name, options_.entity);
    if (!column) return std::unexpected(column.error());
    if (lexer_.Is('/')) {
      return std::unexpected(At(lexer_.peek(), pb::ERROR_REASON_QUERY_BUILDER_INVALID_CONDITION_OPERATOR,
                                "conditions on related records are not supported"));
    }
    if (lexer_.TryWord("in")) return InList(*column);
    const Token token = lexer_.peek();
    const auto comparison = ComparisonOf(token);
    if (!comparison) return std::unexpected(lexer_.Expected(kOperators));
    if (KindOf(**column) == Kind::kBoolean && !IsEquality(*comparison))
      return std::unexpected(lexer_.Expected("eq or ne", *column));
    lexer_.TakeToken();
    return Operand(*column, *comparison);
  }

  // col in (1, 2)
  Parsed<Condition> InList(const Column* column) {
    if (!lexer_.Try('(')) return std::unexpected(lexer_.Expected("\"(\""));
    auto values = TakeValues(lexer_, *column, false, ')', options_.limits);
    if (!values) return std::unexpected(values.error());
    lexer_.Try(')');
    return OneOfThese(column, *std::move(values));
  }

  Parsed<Condition> Operand(const Column* column, Comparison comparison) {
    if (lexer_.IsWord("null")) return NullTest(column, comparison);
    auto value = TakeValue(lexer_, *column, false);
    if (value) return CompareWith(column, comparison, *std::move(value));
    if (lexer_.peek().kind == TokenKind::kWord && options_.entity.FindByAnyName(lexer_.peek().text))
      return OtherColumn(column, comparison);
    return std::unexpected(value.error());
  }

  Parsed<Condition> NullTest(const Column* column, Comparison comparison) {
    if (!IsEquality(comparison)) return std::unexpected(lexer_.Expected("a value, since null is only equal or not"));
    lexer_.TakeToken();
    Condition test{IsNull{column}};
    return comparison == Comparison::kEqual ? std::move(test) : Not(std::move(test));
  }

  Parsed<Condition> OtherColumn(const Column* column, Comparison comparison) {
    const Token name = lexer_.TakeToken();
    const Column* other = options_.entity.FindByAnyName(name.text);
    if (options_.entity.elastic) {
      return std::unexpected(At(name, pb::ERROR_REASON_QUERY_BUILDER_INVALID_CONDITION_OPERATOR,
                                "an elastic table cannot compare two columns"));
    }
    if (KindOf(*other) != KindOf(*column)) {
      return std::unexpected(
          At(name, pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION,
             "expected a column of the same type as " + column->name + ", found " + Shown(name.text)));
    }
    return Condition{CompareColumns{column, comparison, other}};
  }

  Lexer& lexer_;
  const Options& options_;
  Spent& spent_;
};

}  // namespace

std::optional<Problem> LengthProblem(std::string_view text, const Limits& limits) {
  if (text.size() <= limits.bytes) return std::nullopt;
  return Problem{pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION, limits.bytes,
                 "longer than " + std::to_string(limits.bytes) + " bytes"};
}

Parsed<Condition> TakeCondition(Lexer& lexer, const Options& options, Spent& spent) {
  return FilterParser(lexer, options, spent).Disjunction(0);
}

Parsed<std::optional<Condition>> ParseFilter(std::string_view text, const Options& options) {
  if (auto problem = LengthProblem(text, options.limits)) return std::unexpected(*problem);
  Lexer lexer(text, "$filter=");
  if (text.empty()) return std::nullopt;
  Spent spent;
  auto condition = TakeCondition(lexer, options, spent);
  if (!condition) return std::unexpected(condition.error());
  if (lexer.peek().kind != TokenKind::kEnd) return std::unexpected(lexer.Expected("and, or or the end"));
  return *std::move(condition);
}

}  // namespace journeyfeed::query
