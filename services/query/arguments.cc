#include "services/query/arguments.h"

#include "services/query/literal.h"

namespace journeyfeed::query {

namespace pb = entity::v1;
using dictionary::Column;

Problem Refuse(const Token& token, std::string why, ErrorReason reason) {
  return {reason, token.offset, std::move(why)};
}

Parsed<void> Arguments::Skip(char punctuation) {
  if (lexer_.Try(punctuation)) return {};
  const char expected[] = {'"', punctuation, '"', '\0'};
  return std::unexpected(lexer_.Expected(expected));
}

Parsed<const Column*> Arguments::PropertyName() {
  if (auto named = Named("PropertyName"); !named) return std::unexpected(named.error());
  if (lexer_.peek().kind != TokenKind::kText) return std::unexpected(lexer_.Expected("the name of a column in quotes"));
  property_ = lexer_.TakeToken();
  return FindColumn(property_, options_.entity);
}

Parsed<void> Arguments::BeginValue(std::string_view parameter) {
  if (auto comma = Skip(','); !comma) return comma;
  return Named(parameter);
}

Parsed<std::vector<Literal>> Arguments::PropertyValues(const Column& column) {
  if (auto begun = BeginValue("PropertyValues"); !begun) return std::unexpected(begun.error());
  if (auto open = Skip('['); !open) return std::unexpected(open.error());
  auto values = TakeValues(lexer_, column, true, ']', options_.limits);
  if (!values) return std::unexpected(values.error());
  if (auto close = Skip(']'); !close) return std::unexpected(close.error());
  return values;
}

Problem Arguments::WrongColumn(std::string_view needed) const {
  return Refuse(property_, "expected a column with " + std::string(needed) + ", found " + Shown(property_.text),
                pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION);
}

Parsed<void> Arguments::Named(std::string_view parameter) {
  if (!lexer_.TryWord(parameter)) return std::unexpected(lexer_.Expected(parameter));
  return Skip('=');
}

Parsed<std::vector<Literal>> TakeValues(Lexer& lexer, const Column& column, bool quoted, char close,
                                        const Limits& limits) {
  std::vector<Literal> values;
  do {
    if (values.size() == limits.values) {
      return std::unexpected(Refuse(lexer.peek(),
                                    "more than " + std::to_string(limits.values) + " values in one condition",
                                    pb::ERROR_REASON_TOO_MANY_CONDITION_PARAMETERS_IN_QUERY));
    }
    auto value = TakeValue(lexer, column, quoted);
    if (!value) return std::unexpected(value.error());
    values.push_back(*std::move(value));
  } while (lexer.Try(','));
  const char expected[] = {'"', ',', '"', ' ', 'o', 'r', ' ', '"', close, '"', '\0'};
  if (!lexer.Is(close)) return std::unexpected(lexer.Expected(expected));
  return values;
}

}  // namespace journeyfeed::query
