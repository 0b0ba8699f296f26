// A checked query over one entity, in plain types. services/query makes it from what a caller wrote,
// storage/postgres/query_sql compiles it to SQL. Every column belongs to the query's entity, every value has its
// column's kind, and the depth is limited, so that code may recurse through the tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/types.h"

namespace journeyfeed {

// Conditions follow SQL's three-valued logic: true, false or unknown; a comparison with null is unknown. Values: int64
// for numbers and option sets, whatever the column's width; string for texts; others as in dictionary/row.h; never
// null. Texts are compared case-folded by journeyfeed.fold (migration 0009), byte by byte.
struct Condition;

struct AllOf {
  std::vector<Condition> parts;  // at least one
};
struct AnyOf {
  std::vector<Condition> parts;  // at least one
};
struct NotOf {
  std::vector<Condition> parts;  // exactly one
};

enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct Compare {
  const dictionary::Column* column;
  Comparison comparison;
  Value value;
};
struct CompareColumns {
  const dictionary::Column* left;
  Comparison comparison;
  const dictionary::Column* right;  // of the same kind
};
struct OneOf {
  const dictionary::Column* column;
  std::vector<Value> values;  // at least one
};
struct IsNull {  // never unknown
  const dictionary::Column* column;
};
struct Never {  // false, but unknown if the column is null: no value of the column can satisfy the condition
  const dictionary::Column* column;
};

// One piece of a text pattern. The pieces follow each other and cover the whole text.
struct PatternText {
  std::string text;  // itself
};
struct PatternAnyText {};
struct PatternAnyCharacter {};
struct PatternSet {
  bool negated = false;
  // Case-folded characters; at least one range; first <= last.
  std::vector<std::pair<char32_t, char32_t>> ranges;
};
using PatternPiece = std::variant<PatternText, PatternAnyText, PatternAnyCharacter, PatternSet>;

struct Matches {
  const dictionary::Column* column;
  std::vector<PatternPiece> pattern;
  // Match by a regular expression: LIKE has no sets, and takes time in proportion to pattern length times text length.
  bool as_expression = false;
};

struct Condition {
  std::variant<AllOf, AnyOf, NotOf, Compare, CompareColumns, OneOf, IsNull, Never, Matches> node;
};

// Nulls come first ascending, last descending.
struct OrderTerm {
  const dictionary::Column* column;
  bool descending = false;
};

enum class AggregateFunction { kCount, kSum, kAverage, kMin, kMax };

struct Aggregate {
  AggregateFunction function;
  const dictionary::Column* column = nullptr;  // null for kCount, which counts records
  std::string alias;
};
struct GroupColumn {
  const dictionary::Column* column;
  std::string name;  // as the caller wrote it
};
// Without columns: one group of all records, even if there are none.
struct Grouping {
  std::vector<GroupColumn> columns;
  std::vector<Aggregate> aggregates;
};

// Where a page ended: the order values of its last record, in a form that only the store reads, and the time to which
// the query's relative times refer.
struct PagePosition {
  Timestamp as_of;
  std::vector<std::optional<std::string>> values;

  bool operator==(const PagePosition&) const = default;
};

struct Query {
  const dictionary::Entity* entity = nullptr;
  std::optional<Condition> filter = {};
  std::optional<std::string> partition_id = {};  // effective, exact
  std::vector<OrderTerm> order = {};             // the key is added automatically
  std::uint64_t columns = ~std::uint64_t{0};
  std::int32_t page_size = 500;
  // Most bytes of the records in a message. A single larger record comes alone.
  std::int64_t max_bytes = 3 << 20;
  std::optional<PagePosition> after = {};
  std::int64_t count_limit = 0;  // count the selected records, up to one more than this; 0: do not count
  std::optional<Grouping> grouping = {};
  std::int64_t source_limit = 50'000;  // of a grouping: the most records
  std::int64_t group_limit = 5'000;    // the most groups
};

// A value of a group.
using Cell = std::variant<std::monostate, bool, double, std::string, Uuid, Timestamp>;

struct QueryPage {
  std::vector<std::string> records;  // StoredRecord::bytes
  // Set if another page follows.
  std::optional<std::vector<std::optional<std::string>>> next = {};
  std::optional<std::int64_t> counted = {};
  // For a grouping: the values of its columns, then its aggregates.
  std::vector<std::vector<Cell>> groups = {};
};

}  // namespace journeyfeed
