#include "services/query/pattern.h"

#include <algorithm>

#include "services/query/conditions.h"
#include "storage/base/utf8.h"
#include "storage/dictionary/fold.h"

namespace journeyfeed::query {
namespace {

namespace pb = entity::v1;
using dictionary::CharacterRange;

// Takes one character from the front. Precondition: valid UTF-8, not empty.
char32_t TakeCharacter(std::string_view& text) {
  const Utf8Character character = FirstCharacter(text);
  text.remove_prefix(character.size);
  return character.value;
}

// Between letters the case has no meaning: [a-Z] contains all of them.
CharacterRange Range(char32_t first, char32_t last) {
  if (!dictionary::HasCase(first) || !dictionary::HasCase(last)) return {first, last};
  return {dictionary::Fold(first), dictionary::Fold(last)};
}

// The same set for case-folded text, in order and without overlaps.
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

// The most steps that LIKE may take over one text in the worst case: a tenth of a second.
constexpr std::size_t kMostLikeSteps = 100'000'000;

// The contents of a pattern.
struct Parts {
  std::size_t characters = 0;  // UTF-16 units that stand for themselves
  std::size_t wildcards = 0;   // including sets
  std::size_t sets = 0;
  std::size_t ranges = 0;

  void operator()(const PatternText& piece) { characters += Utf16Length(piece.text); }
  void operator()(const PatternAnyText&) { ++wildcards; }
  void operator()(const PatternAnyCharacter&) { ++wildcards; }
  void operator()(const PatternSet& piece) {
    ++wildcards;
    ++sets;
    ranges += piece.ranges.size();
  }
};

bool IsLongerThan(std::int32_t length, const std::vector<PatternPiece>& pattern) {
  std::size_t units = 0;
  for (const PatternPiece& piece : pattern) {
    if (const auto* text = std::get_if<PatternText>(&piece)) units += LeastUnits(text->text);
  }
  return units > static_cast<std::size_t>(length);
}

// Whether LIKE tries the pattern at each position of the text: something follows a %.
bool IsSearched(const std::vector<PatternPiece>& pattern) {
  const auto any = std::ranges::find_if(
      pattern, [](const PatternPiece& piece) { return std::holds_alternative<PatternAnyText>(piece); });
  return any != pattern.end() && any + 1 != pattern.end();
}

bool NeedsExpression(const dictionary::Column& column, const std::vector<PatternPiece>& pattern, const Parts& parts) {
  if (parts.sets > 0) return true;
  const auto length = static_cast<std::size_t>(column.max_length.value_or(0));
  return IsSearched(pattern) && (parts.characters + parts.wildcards) * length > kMostLikeSteps;
}

// Adds a regular expression to `spent`. Returns why that is too much, or null.
const char* Spend(const Parts& parts, const PatternWork& limits, PatternWork& spent) {
  spent.patterns += 1;
  spent.wildcards += parts.wildcards;
  spent.weight += (parts.characters + parts.ranges) * (4 + parts.sets);
  if (spent.patterns > limits.patterns) return "there are too many patterns with sets, or long patterns on large text";
  if (spent.wildcards > limits.wildcards)
    return "patterns with sets, or long patterns on large text, have too many wildcards";
  if (spent.weight > limits.weight) return "patterns with sets, or patterns on large text, are too long";
  return nullptr;
}

}  // namespace

Parsed<std::vector<PatternPiece>> ParsePattern(std::string_view pattern, std::size_t offset, const Limits& limits) {
  return PatternParser(pattern, offset, limits).Parse();
}

Parsed<Condition> MatchPattern(const dictionary::Column& column, std::vector<PatternPiece> pattern, std::size_t offset,
                               const Limits& limits, PatternWork& spent) {
  if (column.max_length && IsLongerThan(*column.max_length, pattern)) return Condition{Never{&column}};
  Parts parts;
  for (const PatternPiece& piece : pattern) std::visit(parts, piece);
  const bool expression = NeedsExpression(column, pattern, parts);
  if (const char* refused = expression ? Spend(parts, limits.patterns, spent) : nullptr) {
    return std::unexpected(Problem{pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION, offset, refused});
  }
  return Condition{Matches{&column, std::move(pattern), expression}};
}

}  // namespace journeyfeed::query
