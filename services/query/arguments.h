// The arguments of functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/query/conditions.h"
#include "services/query/lexer.h"

namespace journeyfeed::query {

// The problem of a well-formed token that is refused.
Problem Refuse(const Token& token, std::string why,
               ErrorReason reason = entity::v1::ERROR_REASON_QUERY_BUILDER_INVALID_CONDITION_OPERATOR);

// Takes values for a column up to `close`; at least one. TOO_MANY_CONDITION_PARAMETERS_IN_QUERY: more than the limit.
Parsed<std::vector<Literal>> TakeValues(Lexer& lexer, const dictionary::Column& column, bool quoted, char close,
                                        const Limits& limits);

// Takes the arguments of one function, in their fixed order. Not used after the call of that function.
class Arguments {
 public:
  Arguments(Lexer& lexer, const Options& options) : lexer_(lexer), options_(options) {}

  Parsed<void> Skip(char punctuation);
  // "PropertyName='c'", which every function of the namespace begins with.
  Parsed<const dictionary::Column*> PropertyName();
  // ",PropertyValue="
  Parsed<void> BeginValue(std::string_view parameter);
  // ",PropertyValues=[…]"
  Parsed<std::vector<Literal>> PropertyValues(const dictionary::Column& column);

  // The problem that the function does not apply to the type of the named column.
  Problem WrongColumn(std::string_view needed) const;

  Lexer& lexer() { return lexer_; }

 private:
  Parsed<void> Named(std::string_view parameter);

  Lexer& lexer_;
  const Options& options_;
  Token property_;
};

}  // namespace journeyfeed::query
