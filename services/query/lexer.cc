#include "services/query/lexer.h"

#include <algorithm>

#include "storage/base/utf8.h"

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;

constexpr std::string_view kPunctuation = "(),=[]/";
constexpr std::size_t kLongestShown = 40;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '+' || c == ':' || c == '{' || c == '}' || c == '$' || c == '@';
}

}  // namespace

std::string Shown(std::string_view text) {
  if (text.size() <= kLongestShown) return "\"" + std::string(text) + "\"";
  return "\"" + std::string(Utf8Prefix(text, kLongestShown)) + "…\"";
}

FieldViolation ToViolation(std::string_view field, std::string_view text, const Problem& problem) {
  const std::string_view before = text.substr(0, std::min(problem.offset, text.size()));
  return {std::string(field), "at character " + std::to_string(Utf8Length(before) + 1) + ": " + problem.description,
          problem.reason};
}

Lexer::Lexer(std::string_view text, std::string_view prefix) : text_(text) {
  while (next_ < text_.size() && IsSpace(text_[next_])) ++next_;
  if (text_.substr(next_).starts_with(prefix)) next_ += prefix.size();
  Advance();
}

Token Lexer::TakeToken() {
  Token token = std::move(token_);
  Advance();
  return token;
}

bool Lexer::TryWord(std::string_view word) {
  if (!IsWord(word)) return false;
  Advance();
  return true;
}

bool Lexer::Try(char punctuation) {
  if (!Is(punctuation)) return false;
  Advance();
  return true;
}

void Lexer::Advance() {
  while (next_ < text_.size() && IsSpace(text_[next_])) ++next_;
  token_ = {.kind = TokenKind::kEnd, .offset = next_, .text = {}, .end = next_};
  if (problem_) token_.kind = TokenKind::kBad;
  if (problem_ || next_ == text_.size()) return;
  const char c = text_[next_];
  if (c == '\'' || c == '"') return ReadText(c);
  if (kPunctuation.find(c) != std::string_view::npos) {
    token_.kind = TokenKind::kPunctuation;
    ++next_;
  } else {
    while (next_ < text_.size() && IsWordCharacter(text_[next_])) ++next_;
    if (next_ == token_.offset) return Fail(next_, "this character is allowed only in a quoted text");
    token_.kind = TokenKind::kWord;
  }
  token_.text = text_.substr(token_.offset, next_ - token_.offset);
  token_.end = next_;
}

void Lexer::ReadText(char quote) {
  std::size_t i = next_ + 1;
  while (true) {
    const auto close = text_.find(quote, i);
    if (close == std::string_view::npos) return Fail(next_, "the text that begins here has no closing quote");
    token_.text.append(text_.substr(i, close - i));
    i = close + 1;
    if (i == text_.size() || text_[i] != quote) break;
    token_.text.push_back(quote);
    ++i;
  }
  token_.kind = TokenKind::kText;
  next_ = token_.end = i;
}

void Lexer::Fail(std::size_t offset, std::string description) {
  problem_ = Problem{pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION, offset, std::move(description)};
  token_.kind = TokenKind::kBad;
  token_.text.clear();
}

Problem Lexer::Expected(std::string_view what, const dictionary::Column* column) const {
  if (problem_) return *problem_;
  std::string text = "expected " + std::string(what);
  if (column) text += " for " + column->name;
  text += token_.kind == TokenKind::kEnd ? ", but the text ends" : ", found " + Shown(token_.text);
  return {pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION, token_.offset, std::move(text)};
}

}  // namespace journeyfeed::query
