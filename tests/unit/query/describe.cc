#include "tests/unit/query/describe.h"

#include "services/query/filter.h"
#include "storage/dictionary/error_reason.h"
#include "storage/dictionary/iso_time.h"

namespace journeyfeed::query {
namespace {

const char* Sign(Comparison comparison) {
  static constexpr const char* kSigns[] = {" = ", " != ", " < ", " <= ", " > ", " >= "};
  return kSigns[static_cast<int>(comparison)];
}

struct PieceText {
  std::string operator()(const PatternText& piece) const { return "'" + piece.text + "'"; }
  std::string operator()(const PatternAnyText&) const { return "%"; }
  std::string operator()(const PatternAnyCharacter&) const { return "_"; }
  std::string operator()(const PatternSet& piece) const {
    std::string text = piece.negated ? "[^" : "[";
    for (const auto& [first, last] : piece.ranges) text += std::to_string(first) + "-" + std::to_string(last) + " ";
    text.back() = ']';
    return text;
  }
};

struct ValueText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int32_t value) const { return "int32 " + std::to_string(value); }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return "'" + value + "'"; }
  std::string operator()(const Uuid& value) const { return value.ToString(); }
  std::string operator()(Timestamp value) const { return dictionary::FormatIsoTime(value); }
};

std::string Join(const std::vector<Condition>& parts, const char* word) {
  std::string text = "(";
  for (const Condition& part : parts) text += (text.size() == 1 ? "" : word) + Describe(part);
  return text + ")";
}

struct NodeText {
  std::string operator()(const AllOf& node) const { return Join(node.parts, " and "); }
  std::string operator()(const AnyOf& node) const { return Join(node.parts, " or "); }
  std::string operator()(const NotOf& node) const { return "not " + Join(node.parts, ""); }
  std::string operator()(const Compare& node) const {
    return node.column->name + Sign(node.comparison) + Describe(node.value);
  }
  std::string operator()(const CompareColumns& node) const {
    return node.left->name + Sign(node.comparison) + node.right->name;
  }
  std::string operator()(const OneOf& node) const {
    std::string text = node.column->name + " in (";
    for (const Value& value : node.values) text += (text.ends_with('(') ? "" : ", ") + Describe(value);
    return text + ")";
  }
  std::string operator()(const IsNull& node) const { return node.column->name + " is null"; }
  std::string operator()(const Never& node) const { return "never " + node.column->name; }
  std::string operator()(const Matches& node) const {
    std::string text = node.column->name + (node.as_expression ? " matches " : " like ");
    for (const PatternPiece& piece : node.pattern) text += std::visit(PieceText(), piece);
    return text;
  }
};

}  // namespace

const dictionary::Entity& Sessions() { return *dictionary::AllEntities().at(0); }
const dictionary::Entity& Journeys() { return *dictionary::AllEntities().at(1); }

std::string Describe(const Condition& condition) { return std::visit(NodeText(), condition.node); }
std::string Describe(const Value& value) { return std::visit(ValueText(), value); }

Options OptionsFor(const dictionary::Entity& entity) {
  return {.entity = entity, .now = *dictionary::ParseIsoTime("2024-05-15T10:20:30.5Z"), .user = Uuid::FromName("me")};
}

std::string Filter(std::string_view text) { return Filter(text, OptionsFor(Journeys())); }

std::string Filter(std::string_view text, const Options& options) {
  const auto parsed = ParseFilter(text, options);
  if (!parsed) return DescribeProblem(text, parsed.error());
  return *parsed ? Describe(**parsed) : "everything";
}

std::string DescribeProblem(std::string_view text, const Problem& problem) {
  const FieldViolation violation = ToViolation("filter", text, problem);
  return dictionary::ReasonName(violation.reason) + " " + violation.description;
}

}  // namespace journeyfeed::query
