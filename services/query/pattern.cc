#include "services/query/pattern.h"

#include <algorithm>

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;

// Takes one character off the front. Precondition: valid UTF-8, not empty.
char32_t TakeCharacter(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t code = size == 1 ? lead : lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  text.remove_prefix(size);
  return code;
}

bool IsLetter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Between letters the case says nothing: [a-Z] is all of them.
std::pair<char32_t, char32_t> Range(char32_t first, char32_t last) {
  if (!IsLetter(first) || !IsLetter(last)) return {first, last};
  return {first | 0x20, last | 0x20};
}

class PatternParser {
 public:
  PatternParser(std::string_view pattern, std::size_t offset, const Limits& limits)
      : rest_(pattern), offset_(offset), limits_(limits) {}

  Parsed<std::vector<PatternPiece>> Parse() {
    while (!rest_.empty()) {
      if (pieces_.size() > limits_.pattern_pieces) return Bad("the pattern has too many wildcards");
      const char c = rest_[0];
      if (c == '[') {
        if (auto set = TakeSet(); !set) return std::unexpected(set.error());
        continue;
      }
      rest_.remove_prefix(1);
      if (c == '%') {
        if (pieces_.empty() || !std::holds_alternative<PatternAnyText>(pieces_.back()))
          pieces_.emplace_back(PatternAnyText());
      } else if (c == '_') {
        pieces_.emplace_back(PatternAnyCharacter());
      } else {
        AddText({&c, 1});
      }
    }
    return std::move(pieces_);
  }

 private:
  std::unexpected<Problem> Bad(std::string what) const {
    return std::unexpected(Problem{pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION, offset_, std::move(what)});
  }

  void AddText(std::string_view text) {
    if (pieces_.empty() || !std::holds_alternative<PatternText>(pieces_.back())) pieces_.emplace_back(PatternText());
    std::get<PatternText>(pieces_.back()).text += text;
  }

  Parsed<void> TakeSet() {
    const auto close = rest_.find(']');
    if (close == std::string_view::npos)
      return Bad("the pattern has a [ without ]; write [[] for the character itself");
    std::string_view inside = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    PatternSet set{.negated = inside.starts_with('^') && inside.size() > 1, .ranges = {}};
    if (set.negated) inside.remove_prefix(1);
    if (inside.empty()) return Bad("the pattern has an empty set []");
    const std::string_view whole = inside;
    while (!inside.empty()) {
      const char32_t first = TakeCharacter(inside);
      if (!set.negated && inside.empty() && set.ranges.empty()) {
        AddText(whole);
        return {};
      }
      const bool range = inside.size() > 1 && inside[0] == '-';
      if (range) inside.remove_prefix(1);
      set.ranges.push_back(Range(first, range ? TakeCharacter(inside) : first));
      if (set.ranges.back().first > set.ranges.back().second)
        return Bad("the pattern has a range that ends before it begins");
    }
    pieces_.emplace_back(std::move(set));
    return {};
  }

  std::string_view rest_;
  const std::size_t offset_;
  const Limits& limits_;
  std::vector<PatternPiece> pieces_;
};

}  // namespace

Parsed<std::vector<PatternPiece>> ParsePattern(std::string_view pattern, std::size_t offset, const Limits& limits) {
  return PatternParser(pattern, offset, limits).Parse();
}

}  // namespace journeyfeed::query
