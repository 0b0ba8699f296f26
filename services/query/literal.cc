#include "services/query/literal.h"

#include <charconv>

#include "storage/base/utf8.h"
#include "storage/dictionary/iso_time.h"

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;
using dictionary::Column;
using dictionary::ColumnType;

const char* ExpectedOf(Kind kind) {
  switch (kind) {
    case Kind::kNumber:
      return "a whole number";
    case Kind::kText:
      return "a text in single quotes";
    case Kind::kId:
      return "a UUID";
    case Kind::kTime:
      return "an ISO 8601 time within 1753-01-01 and 9999-12-30";
    case Kind::kBoolean:
      return "true or false";
  }
  return "a value";
}

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// Refuses times outside the years that PostgreSQL and protobuf share, which bounds all arithmetic.
std::optional<Literal> Time(std::string_view text) {
  const auto read = dictionary::ReadIsoTime(text);
  if (!read || read->time < kEarliestTimestamp || read->time > kLatestTimestamp) return std::nullopt;
  return Literal{read->time, read->cut};
}

std::optional<Literal> Convert(const Token& token, Kind kind, bool quoted) {
  const bool text = token.kind == TokenKind::kText;
  switch (kind) {
    case Kind::kText:
      if (text && IsValidUtf8(token.text) && !token.text.contains('\0')) return Literal{token.text};
      return std::nullopt;
    case Kind::kNumber:
      if (const auto number = Number(token.text); number && (quoted || !text)) return Literal{*number};
      return std::nullopt;
    case Kind::kId:
      if (const auto id = Uuid::Parse(token.text)) return Literal{*id};
      return std::nullopt;
    case Kind::kTime:
      return Time(token.text);
    case Kind::kBoolean: {
      if (text && !quoted) return std::nullopt;
      if (token.text == "true" || (quoted && token.text == "1")) return Literal{true};
      if (token.text == "false" || (quoted && token.text == "0")) return Literal{false};
      return std::nullopt;
    }
  }
  return std::nullopt;
}

bool IsValueToken(const Token& token) { return token.kind == TokenKind::kWord || token.kind == TokenKind::kText; }

}  // namespace

Kind KindOf(const Column& column) {
  switch (column.type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return Kind::kId;
    case ColumnType::kString:
    case ColumnType::kMemo:
    case ColumnType::kEntityName:
      return Kind::kText;
    case ColumnType::kInteger:
    case ColumnType::kBigInt:
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return Kind::kNumber;
    case ColumnType::kBoolean:
      return Kind::kBoolean;
    case ColumnType::kDateTime:
      return Kind::kTime;
  }
  return Kind::kText;
}

Parsed<const Column*> FindColumn(const Token& name, const dictionary::Entity& entity) {
  if (const Column* column = entity.FindByAnyName(name.text)) return column;
  return std::unexpected(Problem{pb::ERROR_REASON_QUERY_BUILDER_NO_ATTRIBUTE, name.offset,
                                 Shown(name.text) + " is not a column of " + entity.logical_name});
}

Parsed<const Column*> TakeColumn(Lexer& lexer, const dictionary::Entity& entity) {
  if (lexer.peek().kind != TokenKind::kWord) return std::unexpected(lexer.Expected("the name of a column"));
  return FindColumn(lexer.TakeToken(), entity);
}

Parsed<Literal> TakeValue(Lexer& lexer, const Column& column, bool quoted) {
  const Kind kind = KindOf(column);
  if (IsValueToken(lexer.peek())) {
    if (auto value = Convert(lexer.peek(), kind, quoted)) {
      lexer.TakeToken();
      return *std::move(value);
    }
  }
  return std::unexpected(lexer.Expected(ExpectedOf(kind), &column));
}

Parsed<Timestamp> TakeTime(Lexer& lexer, const Column& column) {
  auto value = TakeValue(lexer, column, true);
  if (!value) return std::unexpected(value.error());
  return std::get<Timestamp>(value->value);
}

Parsed<std::int64_t> TakeNumber(Lexer& lexer, std::int64_t least, std::int64_t most) {
  const auto number = IsValueToken(lexer.peek()) ? Number(lexer.peek().text) : std::nullopt;
  if (number && *number >= least && *number <= most) {
    lexer.TakeToken();
    return *number;
  }
  return std::unexpected(
      lexer.Expected("a whole number from " + std::to_string(least) + " to " + std::to_string(most)));
}

}  // namespace journeyfeed::query
