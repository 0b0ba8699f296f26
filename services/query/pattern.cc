#include "services/query/pattern.h"

#include <algorithm>
#include <optional>

#include "services/query/conditions.h"
#include "storage/dictionary/fold.h"
#include "storage/dictionary/text.h"

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;
using dictionary::CharacterRange;

// Takes one character off the front. Precondition: valid UTF-8, not empty.
char32_t TakeCharacter(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t code = size == 1 ? lead : lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  text.remove_prefix(size);
  return code;
}

// Between letters the case says nothing: [a-Z] is all of them.
CharacterRange Range(char32_t first, char32_t last) {
  if (!dictionary::HasCase(first) || !dictionary::HasCase(last)) return {first, last};
  return {dictionary::Fold(first), dictionary::Fold(last)};
}

// The same set of folded text, in order and without overlaps.
std::vector<CharacterRange> Folded(std::vector<CharacterRange> ranges) {
  const std::size_t written = ranges.size();
  for (std::size_t i = 0; i < written; ++i) dictionary::AddFolded(CharacterRange(ranges[i]), ranges);
  std::ranges::sort(ranges);
  std::vector<CharacterRange> merged;
  for (const CharacterRange& range : ranges) {
    if (merged.empty() || range.first > merged.back().second + 1) {
      merged.push_back(range);
    } else {
      merged.back().second = std::max(merged.back().second, range.second);
    }
  }
  return merged;
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
    set.ranges = Folded(std::move(set.ranges));
    pieces_.emplace_back(std::move(set));
    return {};
  }

  std::string_view rest_;
  const std::size_t offset_;
  const Limits& limits_;
  std::vector<PatternPiece> pieces_;
};

// Up to this many steps LIKE may take over one text, at worst: a tenth of a second.
constexpr std::size_t kMostLikeSteps = 100'000'000;

struct Weigher {
  PatternWork& work;

  void operator()(const PatternText& piece) const { work.characters += dictionary::Utf16Length(piece.text); }
  void operator()(const PatternAnyText&) const { ++work.wildcards; }
  void operator()(const PatternAnyCharacter&) const { ++work.wildcards; }
  void operator()(const PatternSet& piece) const {
    ++work.wildcards;
    work.ranges += piece.ranges.size();
  }
};

bool IsLongerThan(std::int32_t length, const std::vector<PatternPiece>& pattern) {
  std::size_t units = 0;
  for (const PatternPiece& piece : pattern) {
    if (const auto* text = std::get_if<PatternText>(&piece)) units += LeastUnits(text->text);
  }
  return units > static_cast<std::size_t>(length);
}

// Whether LIKE tries the pattern at each place of the text: something follows a %.
bool IsSearched(const std::vector<PatternPiece>& pattern) {
  const auto any = std::ranges::find_if(
      pattern, [](const PatternPiece& piece) { return std::holds_alternative<PatternAnyText>(piece); });
  return any != pattern.end() && any + 1 != pattern.end();
}

bool NeedsExpression(const dictionary::Column& column, const std::vector<PatternPiece>& pattern,
                     const PatternWork& work) {
  if (work.ranges > 0) return true;
  const auto length = static_cast<std::size_t>(column.max_length.value_or(0));
  return IsSearched(pattern) && (work.characters + work.wildcards) * length > kMostLikeSteps;
}

// Adds `work` to what is spent; which limit that breaks, if any.
std::optional<std::string> Spend(const PatternWork& work, const PatternWork& limits, PatternWork& spent) {
  constexpr std::pair<std::size_t PatternWork::*, const char*> kKinds[] = {
      {&PatternWork::patterns, " patterns"},
      {&PatternWork::characters, " characters"},
      {&PatternWork::wildcards, " wildcards and sets"},
      {&PatternWork::ranges, " ranges of characters"},
  };
  for (const auto& [kind, name] : kKinds) {
    spent.*kind += work.*kind;
    if (spent.*kind > limits.*kind) return std::to_string(limits.*kind) + name;
  }
  return std::nullopt;
}

}  // namespace

Parsed<std::vector<PatternPiece>> ParsePattern(std::string_view pattern, std::size_t offset, const Limits& limits) {
  return PatternParser(pattern, offset, limits).Parse();
}

Parsed<Condition> MatchPattern(const dictionary::Column& column, std::vector<PatternPiece> pattern, std::size_t offset,
                               const Limits& limits, PatternWork& spent) {
  if (column.max_length && IsLongerThan(*column.max_length, pattern)) return Condition{Never{&column}};
  PatternWork work{.patterns = 1};
  for (const PatternPiece& piece : pattern) std::visit(Weigher{work}, piece);
  const bool expression = NeedsExpression(column, pattern, work);
  if (const auto limit = expression ? Spend(work, limits.patterns, spent) : std::nullopt) {
    return std::unexpected(Problem{pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION, offset,
                                   "patterns with sets or of large text have more than " + *limit + " in this query"});
  }
  return Condition{Matches{&column, std::move(pattern), expression}};
}

}  // namespace journeyfeed::query
