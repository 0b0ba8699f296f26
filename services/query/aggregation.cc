#include "services/query/aggregation.h"

#include <algorithm>

#include "services/query/filter.h"
#include "services/query/literal.h"

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;
using dictionary::Column;
using dictionary::ColumnType;

constexpr std::size_t kLongestAlias = 100;

Problem At(const Token& token, std::string description,
           ErrorReason reason = pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION) {
  return {reason, token.offset, std::move(description)};
}

bool IsAlias(const Token& token) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return token.kind == TokenKind::kWord && token.text.size() <= kLongestAlias && letter(token.text[0]) &&
         std::ranges::all_of(token.text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool IsNumber(const Column& column) {
  return column.type == ColumnType::kInteger || column.type == ColumnType::kBigInt;
}

class ApplyParser {
 public:
  ApplyParser(std::string_view text, const Options& options) : lexer_(text, "$apply="), options_(options) {}

  Parsed<Aggregation> Parse() {
    while (lexer_.TryWord("filter")) {
      if (auto filter = Filter(); !filter) return std::unexpected(filter.error());
      if (!lexer_.Try('/')) return std::unexpected(lexer_.Expected("\"/\" and groupby or aggregate"));
    }
    if (auto grouping = Transformation(); !grouping) return std::unexpected(grouping.error());
    if (lexer_.Is('/')) {
      return std::unexpected(At(lexer_.peek(), "nothing can follow the aggregation",
                                pb::ERROR_REASON_QUERY_BUILDER_INVALID_CONDITION_OPERATOR));
    }
    if (lexer_.peek().kind != TokenKind::kEnd) return std::unexpected(lexer_.Expected("the end"));
    Aggregation aggregation{.filter = {}, .grouping = std::move(grouping_)};
    if (!filters_.parts.empty()) aggregation.filter = Condition{std::move(filters_)};
    return aggregation;
  }

 private:
  Parsed<void> Skip(char punctuation) {
    if (lexer_.Try(punctuation)) return {};
    const char expected[] = {'"', punctuation, '"', '\0'};
    return std::unexpected(lexer_.Expected(expected));
  }

  Parsed<void> Filter() {
    if (auto open = Skip('('); !open) return open;
    auto condition = TakeCondition(lexer_, options_, spent_);
    if (!condition) return std::unexpected(condition.error());
    filters_.parts.push_back(*std::move(condition));
    if (!lexer_.Try(')')) return std::unexpected(lexer_.Expected("and, or or \")\""));
    return {};
  }

  Parsed<void> Transformation() {
    if (lexer_.TryWord("aggregate")) return Aggregates();
    if (!lexer_.TryWord("groupby")) return std::unexpected(lexer_.Expected("filter, groupby or aggregate"));
    if (auto open = Skip('('); !open) return open;
    if (auto columns = GroupColumns(); !columns) return columns;
    if (lexer_.Try(',')) {
      if (!lexer_.TryWord("aggregate")) return std::unexpected(lexer_.Expected("aggregate"));
      if (auto aggregates = Aggregates(); !aggregates) return aggregates;
    }
    return Skip(')');
  }

  // (col, col)
  Parsed<void> GroupColumns() {
    if (auto open = Skip('('); !open) return open;
    do {
      const Token at = lexer_.peek();
      const auto column = TakeColumn(lexer_, options_.entity);
      if (!column) return std::unexpected(column.error());
      if ((*column)->type == ColumnType::kMemo) return std::unexpected(At(at, "large text cannot be grouped by"));
      if (auto named = Name(at); !named) return named;
      grouping_.columns.push_back({*column, at.text});
    } while (lexer_.Try(','));
    return Skip(')');
  }

  // (col with sum as total, $count as n)
  Parsed<void> Aggregates() {
    if (auto open = Skip('('); !open) return open;
    do {
      if (auto aggregate = OneAggregate(); !aggregate) return aggregate;
    } while (lexer_.Try(','));
    return Skip(')');
  }

  Parsed<void> OneAggregate() {
    Aggregate aggregate{.function = AggregateFunction::kCount, .column = nullptr, .alias = {}};
    if (!lexer_.TryWord("$count")) {
      const auto column = TakeColumn(lexer_, options_.entity);
      if (!column) return std::unexpected(column.error());
      aggregate.column = *column;
      if (!lexer_.TryWord("with")) return std::unexpected(lexer_.Expected("with"));
      const auto function = Function(**column);
      if (!function) return std::unexpected(function.error());
      aggregate.function = *function;
    }
    if (!lexer_.TryWord("as")) return std::unexpected(lexer_.Expected("as"));
    if (!IsAlias(lexer_.peek())) return std::unexpected(lexer_.Expected("a name of letters, digits and _"));
    const Token alias = lexer_.TakeToken();
    if (auto named = Name(alias); !named) return named;
    aggregate.alias = alias.text;
    grouping_.aggregates.push_back(std::move(aggregate));
    return {};
  }

  Parsed<AggregateFunction> Function(const Column& column) {
    const Token token = lexer_.peek();
    const bool sum = lexer_.TryWord("sum");
    if (sum || lexer_.TryWord("average")) {
      if (!IsNumber(column))
        return std::unexpected(At(token, "expected a column with numbers before this, found " + column.name));
      return sum ? AggregateFunction::kSum : AggregateFunction::kAverage;
    }
    const bool min = lexer_.TryWord("min");
    if (min || lexer_.TryWord("max")) {
      if (!IsNumber(column) && column.type != ColumnType::kDateTime) {
        return std::unexpected(At(token, "expected a column with numbers or times before this, found " + column.name));
      }
      return min ? AggregateFunction::kMin : AggregateFunction::kMax;
    }
    Problem problem = lexer_.Expected("sum, average, min or max");
    problem.reason = pb::ERROR_REASON_QUERY_BUILDER_INVALID_CONDITION_OPERATOR;
    return std::unexpected(std::move(problem));
  }

  // Every name becomes a key of the answer, so it must be unique.
  Parsed<void> Name(const Token& name) {
    if (std::ranges::find(names_, name.text) != names_.end())
      return std::unexpected(At(name, "the name is used twice"));
    if (names_.size() == options_.limits.items) {
      return std::unexpected(
          At(name, "more than " + std::to_string(options_.limits.items) + " columns and aggregates"));
    }
    names_.push_back(name.text);
    return {};
  }

  Lexer lexer_;
  const Options& options_;
  Spent spent_;
  AllOf filters_;
  Grouping grouping_;
  std::vector<std::string> names_;
};

}  // namespace

Parsed<Aggregation> ParseApply(std::string_view text, const Options& options) {
  if (auto problem = LengthProblem(text, options.limits)) return std::unexpected(*problem);
  return ApplyParser(text, options).Parse();
}

}  // namespace journeyfeed::query
