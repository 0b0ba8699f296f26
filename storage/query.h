// A checked query over one entity, in plain types: made by services/query from what a caller wrote, compiled to SQL by
// storage/postgres/query_sql. Every column is of the query's entity, every value of its column's kind, and the depth is
// bounded, so that whoever walks the tree may recurse.
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

// Conditions follow the three-valued logic of SQL: true, false or unknown, unknown where a null is compared.
// Values: numbers and option sets int64, whatever the column's width; texts string; the others as in dictionary/row.h;
// never null. Texts are compared without case: by journeyfeed.fold
// (migration 0008), byte for byte.
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
struct Never {  // false, but unknown where the column is null: no value of the column can fulfil what was asked
  const dictionary::Column* column;
};

// One piece of a text pattern; pieces follow each other and cover the whole text.
struct PatternText {
  std::string text;  // itself
};
struct PatternAnyText {};
struct PatternAnyCharacter {};
struct PatternSet {
  bool negated = false;
  // Of folded characters; at least one; first <= last.
  std::vector<std::pair<char32_t, char32_t>> ranges;
};
using PatternPiece = std::variant<PatternText, PatternAnyText, PatternAnyCharacter, PatternSet>;

struct Matches {
  const dictionary::Column* column;
  std::vector<PatternPiece> pattern;
  // By a regular expression: LIKE has no sets, and takes the product of a long pattern's and a long text's length.
  bool as_expression = false;
};

struct Condition {
  std::variant<AllOf, AnyOf, NotOf, Compare, CompareColumns, OneOf, IsNull, Never, Matches> node;
};

// Nulls first ascending, last descending.
struct OrderTerm {
  const dictionary::Column* column;
  bool descending = false;
};

enum class AggregateFunction { kCount, kSum, kAverage, kMin, kMax };

struct Aggregate {
  AggregateFunction function;
  const dictionary::Column* column = nullptr;  // null for kCount: the records are counted
  std::string alias;
};
struct GroupColumn {
  const dictionary::Column* column;
  std::string name;  // as the caller wrote it
};
// No columns: one group of everything, also of nothing.
struct Grouping {
  std::vector<GroupColumn> columns;
  std::vector<Aggregate> aggregates;
};

// Where a page ended: the order values of its last record, in a form that only the store reads, and the time that the
// query's relative times are about.
struct PagePosition {
  Timestamp as_of;
  std::vector<std::optional<std::string>> values;

  bool operator==(const PagePosition&) const = default;
};

struct Query {
  const dictionary::Entity* entity = nullptr;
  std::optional<Condition> filter = {};
  std::optional<std::string> partition_id = {};  // effective, exact
  std::vector<OrderTerm> order = {};             // the key follows by itself
  std::uint64_t columns = ~std::uint64_t{0};
  std::int32_t page_size = 500;
  std::int64_t max_bytes = 3 << 20;  // at least one record is returned
  std::optional<PagePosition> after = {};
  std::int64_t count_limit = 0;  // count the records that the filter selects, up to one more than this; 0: do not
  std::optional<Grouping> grouping = {};
  std::int64_t source_limit = 50'000;  // of a grouping: most records
  std::int64_t group_limit = 5'000;    // most groups
};

// A value of a group.
using Cell = std::variant<std::monostate, bool, double, std::string, Uuid, Timestamp>;

struct QueryPage {
  std::vector<std::string> records;  // StoredRecord::message
  // Of a page that another one follows.
  std::optional<std::vector<std::optional<std::string>>> next = {};
  std::optional<std::int64_t> counted = {};
  // Of a grouping: the values of its columns and then its aggregates.
  std::vector<std::vector<Cell>> groups = {};
};

}  // namespace journeyfeed
