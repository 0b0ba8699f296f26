// What the parsers of this folder get besides the text, and how they report problems.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"
#include "storage/types.h"

namespace journeyfeed::query {

// The patterns of a query that need regular expressions.
struct PatternWork {
  std::size_t patterns = 0;
  std::size_t wildcards = 0;  // including sets
  // Sum over the patterns: (characters + ranges of sets) * (4 + sets). Compiling takes some microseconds per unit.
  std::size_t weight = 0;
};

// Limits of one query; the first two are settings.
struct Limits {
  std::int64_t conditions = 500;
  std::int64_t source_records = 50'000;  // read by an aggregation
  std::size_t values = 5'000;            // in one condition
  std::size_t depth = 100;               // of nested parentheses and nots
  std::size_t bytes = 256 * 1024;        // in one text
  std::size_t pattern_pieces = 1'000;
  PatternWork patterns = {.patterns = 30, .wildcards = 100, .weight = 20'000};  // PostgreSQL caches 32 compiled ones
  std::size_t order_columns = 10;
  std::size_t items = 50;  // columns and aggregates of an aggregation
};

// How much of the limits the parts of the query read so far have used.
struct Spent {
  std::int64_t conditions = 0;
  PatternWork patterns = {};
};

struct Options {
  const dictionary::Entity& entity;
  Timestamp now;   // for Today and similar functions
  Uuid user = {};  // for EqualUserId
  Limits limits = {};
};

// What is wrong, and where: a byte offset in the text.
struct Problem {
  ErrorReason reason;
  std::size_t offset;
  std::string description;
};

template <typename T>
using Parsed = std::expected<T, Problem>;

// Prefixes the description with its character position: "at character 8: expected …".
FieldViolation ToViolation(std::string_view field, std::string_view text, const Problem& problem);

}  // namespace journeyfeed::query
