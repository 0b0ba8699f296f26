// Words, texts and punctuation of a query option.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/query/options.h"

namespace journeyfeed::query {

enum class TokenKind {
  kWord,         // names, numbers, UUIDs, times: whatever is written together
  kText,         // in single quotes, or (in lists of functions) in double ones
  kPunctuation,  // one of ( ) , = [ ] /
  kEnd,
  kBad,  // nothing that a query can hold; nothing follows
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t offset = 0;  // where it begins
  std::string text;        // of kText: what is in the quotes, doubled ones single
  // In an offset of bytes from the beginning of the text, where it ends.
  std::size_t end = 0;
};

// Reads a text token by token, with one token of look-ahead. From a bad character on every token is kBad, and Expected
// says why.
class Lexer {
 public:
  // A prefix such as "$filter=" is skipped when it is there. Positions count from the beginning of `text`, which
  // outlives this.
  Lexer(std::string_view text, std::string_view prefix);

  const Token& peek() const { return token_; }
  Token Take();
  bool IsWord(std::string_view word) const { return token_.kind == TokenKind::kWord && token_.text == word; }
  bool Is(char punctuation) const { return token_.kind == TokenKind::kPunctuation && token_.text[0] == punctuation; }
  // Takes the token when it is this one.
  bool TryWord(std::string_view word);
  bool Try(char punctuation);

  // That something else was expected here, or what was wrong with a character.
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

// As it may be shown to a caller: shortened, in quotes.
std::string Shown(std::string_view text);

}  // namespace journeyfeed::query
