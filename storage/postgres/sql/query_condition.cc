#include "storage/postgres/sql/query_condition.h"

#include <cstdio>

#include "storage/postgres/sql/sql_template.h"

namespace journeyfeed::postgres {
namespace {

using dictionary::Column;
using Element = ArrayBuilder::Element;

const char* OperatorOf(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return " = ";
    case Comparison::kNotEqual:
      return " <> ";
    case Comparison::kLess:
      return " < ";
    case Comparison::kLessOrEqual:
      return " <= ";
    case Comparison::kGreater:
      return " > ";
    case Comparison::kGreaterOrEqual:
      return " >= ";
  }
  return " = ";
}

bool IsText(const Column& column) { return std::string_view(SqlType(column.type)) == "text"; }

// Numbers are bound as bigint: PostgreSQL compares an integer column with it through the same index.
std::string BoundType(const Column& column) {
  const std::string type = SqlType(column.type);
  return type == "integer" ? "bigint" : type;
}

Element ElementOf(const Column& column) {
  const std::string type = BoundType(column);
  if (type == "bigint") return Element::kInt8;
  if (type == "uuid") return Element::kUuid;
  if (type == "timestamptz") return Element::kTimestamptz;
  return type == "boolean" ? Element::kBool : Element::kText;
}

std::string Last(const Params& params, std::string_view type) {
  return "$" + std::to_string(params.size()) + "::" + std::string(type);
}

std::string Bound(const Column& column, const Value& value, Params& params) {
  params.AddValue(value);
  const std::string parameter = Last(params, BoundType(column));
  return IsText(column) ? Folded(parameter) : parameter;
}

bool IsAlphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Escapes a text so that it matches itself in a regular expression. The database folds the case of the whole
// expression, which changes nothing but this text.
std::string EscapedText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80 && !IsAlphanumeric(c)) escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

std::string EscapedCharacter(char32_t c) {
  char text[sizeof "\\x10ffff"];
  std::snprintf(text, sizeof text, "\\x%x", static_cast<unsigned>(c));
  return text;
}

struct RegexPiece {
  std::string operator()(const PatternText& piece) const { return EscapedText(piece.text); }
  std::string operator()(const PatternAnyText&) const { return ".*"; }
  std::string operator()(const PatternAnyCharacter&) const { return "."; }
  std::string operator()(const PatternSet& piece) const {
    std::string text = piece.negated ? "[^" : "[";
    for (const auto& [first, last] : piece.ranges) {
      text += EscapedCharacter(first);
      if (last != first) text += "-" + EscapedCharacter(last);
    }
    return text + "]";
  }
};

struct LikePiece {
  std::string operator()(const PatternText& piece) const {
    std::string escaped;
    for (const char c : piece.text) {
      if (c == '%' || c == '_' || c == '\\') escaped.push_back('\\');
      escaped.push_back(c);
    }
    return escaped;
  }
  std::string operator()(const PatternAnyText&) const { return "%"; }
  std::string operator()(const PatternAnyCharacter&) const { return "_"; }
  std::string operator()(const PatternSet&) const { return {}; }
};

template <typename Piece>
std::string PatternOf(const std::vector<PatternPiece>& pieces) {
  std::string text;
  for (const PatternPiece& piece : pieces) text += std::visit(Piece(), piece);
  return text;
}

struct Compiler {
  Params& params;

  std::string Join(const std::vector<Condition>& parts, const char* word) const {
    std::string text = "(";
    for (const Condition& part : parts) text += (text.size() == 1 ? "" : word) + std::visit(*this, part.node);
    return text + ")";
  }

  std::string operator()(const AllOf& node) const { return Join(node.parts, " and "); }
  std::string operator()(const AnyOf& node) const { return Join(node.parts, " or "); }
  std::string operator()(const NotOf& node) const { return "(not " + std::visit(*this, node.parts.at(0).node) + ")"; }
  std::string operator()(const Compare& node) const {
    return "(" + Comparable(*node.column) + OperatorOf(node.comparison) + Bound(*node.column, node.value, params) + ")";
  }
  std::string operator()(const CompareColumns& node) const {
    return "(" + Comparable(*node.left) + OperatorOf(node.comparison) + Comparable(*node.right) + ")";
  }
  std::string operator()(const OneOf& node) const {
    ArrayBuilder values(ElementOf(*node.column));
    for (const Value& value : node.values) values.Add(value);
    params.AddArray(std::move(values).TakeText());
    const std::string array = Last(params, BoundType(*node.column) + "[]");
    const bool text = IsText(*node.column);
    return "(" + Comparable(*node.column) + " = any(" +
           (text ? "array(select journeyfeed.fold(v) from unnest(" + array + ") v)" : array) + "))";
  }
  std::string operator()(const IsNull& node) const { return "(" + Plain(*node.column) + " is null)"; }
  std::string operator()(const Never& node) const { return "(" + Plain(*node.column) + " is null and null)"; }

  std::string operator()(const Matches& node) const {
    const std::string pattern =
        node.as_expression ? "^" + PatternOf<RegexPiece>(node.pattern) + "$" : PatternOf<LikePiece>(node.pattern);
    params.Add(std::string_view(pattern));
    return "(" + Comparable(*node.column) + (node.as_expression ? " ~ " : " like ") + Folded(Last(params, "text")) +
           ")";
  }
};

}  // namespace

std::string Plain(const Column& column) {
  if (!column.stored) return std::string("null::") + SqlType(column.type);
  if (column.role == entity::v1::COLUMN_ROLE_PARTITION_ID) return "(t.partition_key collate \"default\")";
  return "t." + column.name;
}

std::string Comparable(const Column& column) {
  return IsText(column) ? Folded(Plain(column)) + " collate \"C\"" : Plain(column);
}

std::string Folded(const std::string& text) { return "journeyfeed.fold(" + text + ")"; }

std::string CompileCondition(const Condition& condition, Params& params) {
  return std::visit(Compiler{params}, condition.node);
}

}  // namespace journeyfeed::postgres
