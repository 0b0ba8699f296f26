// Splits a query option into words, texts and punctuation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/query/options.h"

namespace journeyfeed::query {

enum class TokenKind {
  kWord,         // names, numbers, UUIDs, times: everything up to a space or punctuation
  kText,         // in single quotes, or in double quotes in lists of functions
  kPunctuation,  // one of ( ) , = [ ] /
  kEnd,
  kBad,  // a character that no query can contain; nothing follows
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t offset = 0;  // where it begins
  std::string text;        // of kText: the text inside the quotes, with doubled quotes made single
  // Where it ends, as a byte offset from the beginning of the text.
  std::size_t end = 0;
};

// Reads a text token by token, with one token of look-ahead. From a bad character on every token is kBad, and Expected
// tells the reason.
class Lexer {
 public:
  // Skips a prefix such as "$filter=" if it is there. Positions count from the beginning of `text`, which must outlive
  // this.
  Lexer(std::string_view text, std::string_view prefix);

  const Token& peek() const { return token_; }
  Token TakeToken();
  bool IsWord(std::string_view word) const { return token_.kind == TokenKind::kWord && token_.text == word; }
  bool Is(char punctuation) const { return token_.kind == TokenKind::kPunctuation && token_.text[0] == punctuation; }
  // Takes the token if it is this one; returns whether it did.
  bool TryWord(std::string_view word);
  bool Try(char punctuation);

  // The problem that something else was expected here, or that a character is bad.
  Problem Expected(std::string_view what, const dictionary::Column* column = nullptr) const;

 private:
  void Advance();
  void ReadText(char quote);
  void Fail(std::size_t offset, std::string description);

  const std::string_view text_;
  std::size_t next_ = 0;
  Token token_;
  std::optional<Problem> problem_;
};

// For showing a text to a caller: shortened and in quotes.
std::string Shown(std::string_view text);

}  // namespace journeyfeed::query
