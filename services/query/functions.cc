#include "services/query/functions.h"

#include <algorithm>

#include "services/query/arguments.h"
#include "services/query/literal.h"
#include "services/query/pattern.h"
#include "services/query/times.h"

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;
using dictionary::Column;

constexpr std::string_view kNamespace = "Microsoft.Dynamics.CRM.";
constexpr std::int64_t kMostUnits = 2'147'483'647;

// Functions of Dataverse that need data which this service does not have.
constexpr std::string_view kUnanswerable[] = {
    "EqualBusinessId",
    "NotEqualBusinessId",
    "EqualUserTeams",
    "EqualUserOrUserTeams",
    "EqualUserOrUserHierarchy",
    "EqualUserLanguage",
    "EqualUserOrUserHierarchyAndTeams",
    "Above",
    "AboveOrEqual",
    "Under",
    "UnderOrEqual",
    "NotUnder",
    "ContainValues",
    "DoesNotContainValues",
};

Problem Unknown(const Token& name) {
  std::string_view bare = name.text;
  if (bare.starts_with(kNamespace)) bare.remove_prefix(kNamespace.size());
  if (bare.contains("Fiscal")) return Refuse(name, "fiscal periods are not supported; use Between with two times");
  if (std::ranges::find(kUnanswerable, bare) != std::end(kUnanswerable)) {
    return Refuse(name, std::string(bare) + " needs records that this service does not have");
  }
  return Refuse(name, "expected a function of filters, found " + Shown(name.text));
}

Condition Of(const Column* column, Comparison comparison, Value value) {
  return {Compare{column, comparison, std::move(value)}};
}

Condition Within(const Column* column, const TimeRange& range) {
  AllOf all;
  if (range.from) all.parts.push_back(Of(column, Comparison::kGreaterOrEqual, *range.from));
  if (range.until) all.parts.push_back(Of(column, Comparison::kLess, *range.until));
  return {std::move(all)};
}

Parsed<Condition> TakeTimeFunction(Arguments& arguments, const Column* column, const TimeFunction& function,
                                   const Options& options) {
  if (KindOf(*column) != Kind::kTime) return std::unexpected(arguments.WrongColumn("times"));
  std::int64_t number = 0;
  Timestamp day;
  if (function.argument != TimeArgument::kNone) {
    if (auto begun = arguments.BeginValue("PropertyValue"); !begun) return std::unexpected(begun.error());
  }
  if (function.argument == TimeArgument::kNumber) {
    const auto taken = TakeNumber(arguments.lexer(), 1, kMostUnits);
    if (!taken) return std::unexpected(taken.error());
    number = *taken;
  }
  if (function.argument == TimeArgument::kTime) {
    const auto taken = TakeTime(arguments.lexer(), *column);
    if (!taken) return std::unexpected(taken.error());
    day = *taken;
  }
  Condition within = Within(column, RangeOf(function, options.now, number, day));
  return function.shape == TimeShape::kNotOn ? Not(std::move(within)) : std::move(within);
}

Parsed<Condition> TakeSet(Arguments& arguments, const Column* column, bool negated) {
  auto values = arguments.PropertyValues(*column);
  if (!values) return std::unexpected(values.error());
  Condition set = OneOfThese(column, *std::move(values));
  return negated ? Not(std::move(set)) : std::move(set);
}

Parsed<Condition> TakeRange(Arguments& arguments, const Column* column, bool negated) {
  if (KindOf(*column) == Kind::kBoolean) return std::unexpected(arguments.WrongColumn("an order"));
  const Token at = arguments.lexer().peek();
  auto values = arguments.PropertyValues(*column);
  if (!values) return std::unexpected(values.error());
  if (values->size() != 2) {
    return std::unexpected(Refuse(at, "expected two values", pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION));
  }
  AllOf range;
  range.parts.push_back(CompareWith(column, Comparison::kGreaterOrEqual, std::move(values->front())));
  range.parts.push_back(CompareWith(column, Comparison::kLessOrEqual, std::move(values->back())));
  Condition within{std::move(range)};
  return negated ? Not(std::move(within)) : std::move(within);
}

Parsed<Condition> TakeUser(Arguments& arguments, const Column* column, bool negated, const Options& options) {
  if (KindOf(*column) != Kind::kId) return std::unexpected(arguments.WrongColumn("ids"));
  return Of(column, negated ? Comparison::kNotEqual : Comparison::kEqual, options.user);
}

using Special = Parsed<Condition> (*)(Arguments&, const Column*, const Options&);
struct SpecialFunction {
  std::string_view name;
  Special take;
};

constexpr SpecialFunction kSpecial[] = {
    {"In", [](Arguments& a, const Column* c, const Options&) { return TakeSet(a, c, false); }},
    {"NotIn", [](Arguments& a, const Column* c, const Options&) { return TakeSet(a, c, true); }},
    {"Between", [](Arguments& a, const Column* c, const Options&) { return TakeRange(a, c, false); }},
    {"NotBetween", [](Arguments& a, const Column* c, const Options&) { return TakeRange(a, c, true); }},
    {"EqualUserId", [](Arguments& a, const Column* c, const Options& o) { return TakeUser(a, c, false, o); }},
    {"NotEqualUserId", [](Arguments& a, const Column* c, const Options& o) { return TakeUser(a, c, true, o); }},
};

Parsed<Condition> TakeNamespaced(Lexer& lexer, const Token& name, const Options& options) {
  const std::string_view bare = std::string_view(name.text).substr(kNamespace.size());
  const TimeFunction* time = FindTimeFunction(bare);
  const auto* special = std::ranges::find(kSpecial, bare, &SpecialFunction::name);
  if (!time && special == std::end(kSpecial)) return std::unexpected(Unknown(name));
  Arguments arguments(lexer, options);
  if (auto open = arguments.Skip('('); !open) return std::unexpected(open.error());
  const auto column = arguments.PropertyName();
  if (!column) return std::unexpected(column.error());
  auto condition =
      time ? TakeTimeFunction(arguments, *column, *time, options) : special->take(arguments, *column, options);
  if (!condition) return condition;
  if (auto close = arguments.Skip(')'); !close) return std::unexpected(close.error());
  return condition;
}

// contains(col,'x')
Parsed<Condition> TakeTextFunction(Lexer& lexer, const Token& name, const Options& options, Spent& spent) {
  Arguments arguments(lexer, options);
  if (auto open = arguments.Skip('('); !open) return std::unexpected(open.error());
  const Token property = lexer.peek();
  const auto column = TakeColumn(lexer, options.entity);
  if (!column) return std::unexpected(column.error());
  if (KindOf(**column) != Kind::kText) {
    return std::unexpected(Refuse(property, "expected a column with text, found " + Shown(property.text),
                                  pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION));
  }
  if (auto comma = arguments.Skip(','); !comma) return std::unexpected(comma.error());
  const std::size_t offset = lexer.peek().offset;
  const auto text = TakeValue(lexer, **column, false);
  if (!text) return std::unexpected(text.error());
  const std::string before = name.text == "startswith" ? "" : "%", after = name.text == "endswith" ? "" : "%";
  auto pattern = ParsePattern(before + std::get<std::string>(text->value) + after, offset, options.limits);
  if (!pattern) return std::unexpected(pattern.error());
  if (auto close = arguments.Skip(')'); !close) return std::unexpected(close.error());
  return MatchPattern(**column, *std::move(pattern), offset, options.limits, spent.patterns);
}

}  // namespace

Parsed<Condition> TakeFunction(Lexer& lexer, const Token& name, const Options& options, Spent& spent) {
  if (name.text.starts_with(kNamespace)) return TakeNamespaced(lexer, name, options);
  if (name.text == "contains" || name.text == "startswith" || name.text == "endswith") {
    return TakeTextFunction(lexer, name, options, spent);
  }
  return std::unexpected(Unknown(name));
}

}  // namespace journeyfeed::query
