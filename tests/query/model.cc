#include "tests/query/model.h"

#include <algorithm>
#include <compare>

#include "storage/dictionary/iso_time.h"

namespace journeyfeed::query_test {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kFirstDay = 19'783 * kDay;  // 2024-03-01

std::size_t Pick(std::mt19937& random, std::size_t n) {
  return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

std::string RandomText(std::mt19937& random, std::size_t longest) {
  static constexpr const char* kLetters[] = {"a",  "A", "b", "B", "ä", "Ä", "c", "%", "_", "[", "]", "'",
                                             "\\", " ", "^", "1", "Σ", "ς", "σ", "Ж", "ж", "ſ", "S"};
  std::string text;
  for (std::size_t i = Pick(random, longest + 1); i > 0; --i) text += kLetters[Pick(random, std::size(kLetters))];
  return text;
}

Uuid RandomOwner(std::mt19937& random) { return Uuid::FromName("owner " + std::to_string(Pick(random, 4))); }

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

template <typename T>
std::optional<T> Sometimes(std::mt19937& random, T value) {
  return Pick(random, 4) == 0 ? std::nullopt : std::optional<T>(std::move(value));
}

// Comparisons. Text is ordered by its UTF-8 bytes, which is the order of its characters.
constexpr const char* kOperators[] = {"eq", "ne", "lt", "le", "gt", "ge"};
bool Apply(std::size_t op, std::strong_ordering order) {
  switch (op) {
    case 0:
      return order == 0;
    case 1:
      return order != 0;
    case 2:
      return order < 0;
    case 3:
      return order <= 0;
    case 4:
      return order > 0;
    default:
      return order >= 0;
  }
}

// Decodes characters of one or two bytes.
std::u32string Characters(const std::string& text) {
  std::u32string characters;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    characters.push_back(c < 0x80 ? c : (c & 0x1fU) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3fU));
  }
  return characters;
}

// Folds Latin-1, the long s, and the letters of Greek and Russian.
char32_t FoldedLetter(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= U'À' && c <= U'Þ' && c != U'×') return c + 32;
  if (c >= U'Α' && c <= U'Ω') return c + 32;
  if (c >= U'А' && c <= U'Я') return c + 32;
  if (c >= U'Ѐ' && c <= U'Џ') return c + 80;
  return c == U'ς' ? U'σ' : c == U'ſ' ? U's' : c;
}

Truth Not(Truth truth) { return truth ? Truth(!*truth) : Truth(); }

bool IsLetter(char32_t c) {
  return FoldedLetter(c) != c || (c >= 'a' && c <= 'z') || (c >= U'à' && c <= U'þ') || (c >= U'α' && c <= U'я');
}

// Whether a character is a folded one of first..last; between letters the case has no meaning.
bool IsIn(char32_t c, char32_t first, char32_t last) {
  if (IsLetter(first) && IsLetter(last)) first = FoldedLetter(first), last = FoldedLetter(last);
  for (char32_t one = first; one <= last; ++one) {
    if (FoldedLetter(one) == c) return true;
  }
  return false;
}

// `pattern` has the form of SQL Server: % _ [set]. It matches the whole text, which is folded.
bool MatchesPattern(std::u32string_view text, std::u32string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (MatchesPattern(text.substr(i), pattern.substr(1))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == '_') return MatchesPattern(text.substr(1), pattern.substr(1));
  if (pattern[0] == '[') {
    const auto close = pattern.find(U']');
    std::u32string_view set = pattern.substr(1, close - 1);
    const bool negated = set.size() > 1 && set[0] == '^';
    if (negated) set.remove_prefix(1);
    bool found = false;
    while (!set.empty()) {
      const bool range = set.size() > 2 && set[1] == '-';
      found = found || IsIn(text[0], set[0], set[range ? 2 : 0]);
      set.remove_prefix(range ? 3 : 1);
    }
    return found != negated && MatchesPattern(text.substr(1), pattern.substr(close + 1));
  }
  return text[0] == FoldedLetter(pattern[0]) && MatchesPattern(text.substr(1), pattern.substr(1));
}

std::string RandomPattern(std::mt19937& random) {
  static constexpr const char* kPieces[] = {
      "a", "B",     "Ä",    "%",    "_",      "[ab]", "[^a]", "[a-b]", "[%]",    "[_]", "[[]",   "]", "[A-c]", "\\",
      "'", "[^ä%]", "[ää]", "[ -]", "[1-9 ]", "ς",    "Σ",    "[Ж-я]", "[^ -Z]", "[ς]", "[А-Я]", "s", "[p-t]", "[Ä-ö]"};
  std::string pattern;
  for (std::size_t i = Pick(random, 5); i > 0; --i) pattern += kPieces[Pick(random, std::size(kPieces))];
  return pattern;
}

// The value of a column.
using Number = std::function<std::optional<std::int64_t>(const ModelRow&)>;
using Text = std::function<std::optional<std::string>(const ModelRow&)>;
struct NumberColumn {
  const char* name;
  Number get;
};
struct TextColumn {
  const char* name;
  Text get;
};

NumberColumn RandomNumberColumn(std::mt19937& random) {
  switch (Pick(random, 3)) {
    case 0:
      return {"statuscode", [](const ModelRow& row) { return row.status_code; }};
    case 1:
      return {"recurrence_count", [](const ModelRow& row) { return row.recurrence_count; }};
    default:
      return {"recurrence_interval_days", [](const ModelRow& row) { return row.recurrence_interval_days; }};
  }
}

TextColumn RandomTextColumn(std::mt19937& random) {
  if (Pick(random, 2) == 0) return {"msdyncrm_name", [](const ModelRow& row) { return std::optional(row.name); }};
  return {"purpose", [](const ModelRow& row) { return row.purpose; }};
}

ModelCondition CompareNumber(std::mt19937& random) {
  const auto [name, get] = RandomNumberColumn(random);
  const std::size_t op = Pick(random, 6);
  const auto value = static_cast<std::int64_t>(Pick(random, 6)) - 1;
  return {std::string(name) + " " + kOperators[op] + " " + std::to_string(value),
          [=, get = get](const ModelRow& row) -> Truth {
            const auto number = get(row);
            return number ? Truth(Apply(op, *number <=> value)) : Truth();
          }};
}

ModelCondition CompareText(std::mt19937& random) {
  const auto [name, get] = RandomTextColumn(random);
  const std::size_t op = Pick(random, 6);
  const std::string value = RandomText(random, 3);
  return {std::string(name) + " " + kOperators[op] + " " + Quoted(value), [=, get = get](const ModelRow& row) -> Truth {
            const auto text = get(row);
            return text ? Truth(Apply(op, Folded(*text) <=> Folded(value))) : Truth();
          }};
}

ModelCondition MatchText(std::mt19937& random) {
  static constexpr const char* kFunctions[] = {"contains", "startswith", "endswith"};
  const auto [name, get] = RandomTextColumn(random);
  const std::size_t function = Pick(random, 3);
  const std::string pattern = RandomPattern(random);
  const std::u32string whole = (function == 1 ? U"" : U"%") + Characters(pattern) + (function == 2 ? U"" : U"%");
  return {std::string(kFunctions[function]) + "(" + name + "," + Quoted(pattern) + ")",
          [whole, get = get](const ModelRow& row) -> Truth {
            const auto text = get(row);
            return text ? Truth(MatchesPattern(Folded(*text), whole)) : Truth();
          }};
}

// No value of a column contains a text longer than the column.
ModelCondition MatchTooLong(std::mt19937& random) {
  static constexpr const char* kPatterns[] = {"", "[ab]", "_", "a%"};
  const bool name = Pick(random, 2) == 0;
  const std::string text = kPatterns[Pick(random, 4)] + std::string(name ? 101 : 1001, 'a');
  return {std::string("contains(") + (name ? "name" : "purpose") + ",'" + text + "')",
          [=](const ModelRow& row) -> Truth { return name || row.purpose ? Truth(false) : Truth(); }};
}

// Times with ten more digits than a column holds.
ModelCondition CompareTime(std::mt19937& random) {
  const std::size_t op = Pick(random, 6), finer = Pick(random, 3);
  const std::int64_t hour = kFirstDay + static_cast<std::int64_t>(Pick(random, 120)) * kDay / 24;
  const std::string text = dictionary::FormatIsoTime({hour}).substr(0, 19) + ".000000000" + std::to_string(finer) + "Z";
  return {std::string("start_date_time ") + kOperators[op] + " " + text, [=](const ModelRow& row) -> Truth {
            if (!row.start_date_time) return {};
            return Apply(op, std::pair(*row.start_date_time, std::size_t{0}) <=> std::pair(hour, finer));
          }};
}

ModelCondition NumberSet(std::mt19937& random) {
  const auto [name, get] = RandomNumberColumn(random);
  const bool negated = Pick(random, 2) == 0;
  std::vector<std::int64_t> values;
  std::string list;
  for (std::size_t i = Pick(random, 3) + 1; i > 0; --i) {
    values.push_back(static_cast<std::int64_t>(Pick(random, 5)));
    list += (list.empty() ? "'" : ",'") + std::to_string(values.back()) + "'";
  }
  return {std::string("Microsoft.Dynamics.CRM.") + (negated ? "NotIn" : "In") + "(PropertyName='" + name +
              "',PropertyValues=[" + list + "])",
          [=, get = get](const ModelRow& row) -> Truth {
            const auto number = get(row);
            return number ? Truth((std::ranges::find(values, *number) != values.end()) != negated) : Truth();
          }};
}

ModelCondition TextSet(std::mt19937& random) {
  const auto [name, get] = RandomTextColumn(random);
  const std::string one = RandomText(random, 2), other = RandomText(random, 1);
  return {std::string(name) + " in (" + Quoted(one) + "," + Quoted(other) + ")",
          [=, get = get](const ModelRow& row) -> Truth {
            const auto text = get(row);
            return text ? Truth(Folded(*text) == Folded(one) || Folded(*text) == Folded(other)) : Truth();
          }};
}

ModelCondition Range(std::mt19937& random) {
  const auto [name, get] = RandomNumberColumn(random);
  const bool negated = Pick(random, 2) == 0;
  const auto first = static_cast<std::int64_t>(Pick(random, 4)), last = static_cast<std::int64_t>(Pick(random, 5));
  return {std::string("Microsoft.Dynamics.CRM.") + (negated ? "NotBetween" : "Between") + "(PropertyName='" + name +
              "',PropertyValues=[\"" + std::to_string(first) + "\",\"" + std::to_string(last) + "\"])",
          [=, get = get](const ModelRow& row) -> Truth {
            const auto number = get(row);
            return number ? Truth((*number >= first && *number <= last) != negated) : Truth();
          }};
}

ModelCondition NullTest(std::mt19937& random) {
  const auto [name, get] = RandomNumberColumn(random);
  const bool negated = Pick(random, 2) == 0;
  return {std::string(name) + (negated ? " ne null" : " eq null"),
          [=, get = get](const ModelRow& row) -> Truth { return !get(row) != negated; }};
}

ModelCondition Columns(std::mt19937& random) {
  const auto [left_name, left] = RandomNumberColumn(random);
  const auto [right_name, right] = RandomNumberColumn(random);
  const std::size_t op = Pick(random, 6);
  return {std::string(left_name) + " " + kOperators[op] + " " + right_name,
          [op, left = left, right = right](const ModelRow& row) -> Truth {
            const auto a = left(row), b = right(row);
            return a && b ? Truth(Apply(op, *a <=> *b)) : Truth();
          }};
}

ModelCondition Boolean(std::mt19937& random) {
  const bool value = Pick(random, 2) == 0, equal = Pick(random, 2) == 0;
  return {std::string("is_recurring ") + (equal ? "eq " : "ne ") + (value ? "true" : "false"),
          [=](const ModelRow& row) -> Truth {
            return row.is_recurring ? Truth((*row.is_recurring == value) == equal) : Truth();
          }};
}

ModelCondition Owner(std::mt19937& random) {
  const Uuid owner = RandomOwner(random);
  const bool equal = Pick(random, 2) == 0;
  return {std::string("_ownerid_value ") + (equal ? "eq " : "ne ") + owner.ToString(),
          [=](const ModelRow& row) -> Truth { return (row.owner_id == owner) == equal; }};
}

ModelCondition Day(std::mt19937& random) {
  static constexpr const char* kFunctions[] = {"On", "NotOn", "OnOrBefore", "OnOrAfter"};
  const std::size_t function = Pick(random, 4);
  const std::int64_t day = kFirstDay + static_cast<std::int64_t>(Pick(random, 5)) * kDay;
  return {
      std::string("Microsoft.Dynamics.CRM.") + kFunctions[function] +
          "(PropertyName='start_date_time',PropertyValue='" + dictionary::FormatIsoTime({day + kDay / 3}) + "')",
      [=](const ModelRow& row) -> Truth {
        if (!row.start_date_time) return {};
        const bool after = *row.start_date_time >= day, before = *row.start_date_time < day + kDay;
        return function == 0 ? after && before : function == 1 ? !(after && before) : function == 2 ? before : after;
      }};
}

ModelCondition RandomLeaf(std::mt19937& random) {
  static constexpr ModelCondition (*kLeaves[])(std::mt19937&) = {
      CompareNumber, CompareText, MatchText, NumberSet, TextSet,   Range,       NullTest,
      Columns,       Boolean,     Owner,     Day,       MatchText, CompareTime, MatchTooLong};
  return kLeaves[Pick(random, std::size(kLeaves))](random);
}

// SQL's three-valued and/or. `whether`: the value that decides alone (false for and, true for or).
Truth Combine(Truth a, Truth b, bool whether) {
  if ((a && *a == whether) || (b && *b == whether)) return whether;
  return a && b ? Truth(!whether) : Truth();
}

std::string SqlText(const std::optional<std::string>& text) { return text ? Quoted(*text) : "null"; }
std::string SqlNumber(const std::optional<std::int64_t>& number) { return number ? std::to_string(*number) : "null"; }

// Null is ordered before everything.
template <typename T>
std::strong_ordering Order(const std::optional<T>& a, const std::optional<T>& b) {
  if (a && b) return *a <=> *b;
  return a.has_value() <=> b.has_value();
}

}  // namespace

std::u32string Folded(const std::string& text) {
  std::u32string folded = Characters(text);
  for (char32_t& c : folded) c = FoldedLetter(c);
  return folded;
}

std::vector<ModelRow> RandomRows(int count, std::mt19937& random) {
  std::vector<ModelRow> rows;
  for (int i = 0; i < count; ++i) {
    const auto number = [&](std::size_t n) { return static_cast<std::int64_t>(Pick(random, n)); };
    rows.push_back({.id = Uuid::FromName("row " + std::to_string(i)),
                    .owner_id = RandomOwner(random),
                    .name = RandomText(random, 4),
                    .purpose = Sometimes(random, RandomText(random, 4)),
                    .status_code = number(4),
                    .recurrence_count = Sometimes(random, number(4)),
                    .recurrence_interval_days = Sometimes(random, number(4)),
                    .is_recurring = Sometimes(random, number(2) == 0),
                    .start_date_time = Sometimes(random, kFirstDay + number(5) * kDay + number(24) * kDay / 24)});
  }
  return rows;
}

std::string InsertOf(const std::vector<ModelRow>& rows) {
  std::string sql =
      "insert into journeyfeed.customer_journey (id, version_number, created_on, modified_on, created_by, modified_by, "
      "state_code,"
      " owner_id_type, owner_id, name, purpose, status_code, recurrence_count, recurrence_interval_days, is_recurring,"
      " start_date_time) values ";
  for (const ModelRow& row : rows) {
    const std::string id = "'" + row.id.ToString() + "'";
    sql += (sql.ends_with(' ') ? "(" : ",(") + id + ", 1, now(), now(), " + id + ", " + id + ", 0, 'systemuser', '" +
           row.owner_id.ToString() + "', " + SqlText(row.name) + ", " + SqlText(row.purpose) + ", " +
           SqlNumber(row.status_code) + ", " + SqlNumber(row.recurrence_count) + ", " +
           SqlNumber(row.recurrence_interval_days) + ", " +
           (row.is_recurring ? *row.is_recurring ? "true" : "false" : "null") + ", " +
           (row.start_date_time ? "'" + dictionary::FormatIsoTime({*row.start_date_time}) + "'" : "null") + ")";
  }
  return sql;
}

ModelCondition RandomCondition(std::mt19937& random, int depth) {
  if (depth == 0 || Pick(random, 4) == 0) return RandomLeaf(random);
  const ModelCondition a = RandomCondition(random, depth - 1);
  if (Pick(random, 4) == 0) {
    return {"not (" + a.text + ")", [a](const ModelRow& row) { return Not(a.holds(row)); }};
  }
  const ModelCondition b = RandomCondition(random, depth - 1);
  const bool any = Pick(random, 2) == 0;
  return {"(" + a.text + (any ? ") or (" : ") and (") + b.text + ")",
          [a, b, any](const ModelRow& row) { return Combine(a.holds(row), b.holds(row), any); }};
}

ModelOrder RandomOrder(std::mt19937& random) {
  using Key = std::function<std::strong_ordering(const ModelRow&, const ModelRow&)>;
  std::vector<std::pair<const char*, Key>> keys = {
      {"name", [](const auto& a, const auto& b) { return Folded(a.name) <=> Folded(b.name); }},
      {"purpose",
       [](const auto& a, const auto& b) {
         const auto folded = [](const auto& text) { return text ? std::optional(Folded(*text)) : std::nullopt; };
         return Order(folded(a.purpose), folded(b.purpose));
       }},
      {"statuscode", [](const auto& a, const auto& b) { return Order(a.status_code, b.status_code); }},
      {"recurrence_count", [](const auto& a, const auto& b) { return Order(a.recurrence_count, b.recurrence_count); }},
      {"is_recurring", [](const auto& a, const auto& b) { return Order(a.is_recurring, b.is_recurring); }},
      {"start_date_time", [](const auto& a, const auto& b) { return Order(a.start_date_time, b.start_date_time); }},
      {"owner_id", [](const auto& a, const auto& b) { return a.owner_id <=> b.owner_id; }},
  };
  std::ranges::shuffle(keys, random);
  keys.resize(Pick(random, 4));
  std::string text;
  std::vector<std::pair<Key, bool>> terms;
  for (const auto& [name, key] : keys) {
    terms.emplace_back(key, Pick(random, 2) == 0);
    text += (text.empty() ? "" : ",") + std::string(name) + (terms.back().second ? " desc" : "");
  }
  return {text, [terms](const ModelRow& a, const ModelRow& b) {
            for (const auto& [key, descending] : terms) {
              const auto order = descending ? key(b, a) : key(a, b);
              if (order != 0) return order < 0;
            }
            return !terms.empty() && terms.back().second ? b.id < a.id : a.id < b.id;
          }};
}

}  // namespace journeyfeed::query_test
