// What the parsers of this folder are given besides the text, and how they say what is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "storage/dictionary/dictionary.h"
#include "storage/status.h"
#include "storage/types.h"

namespace journeyfeed::query {

// The patterns of a query that are matched by regular expressions.
struct PatternWork {
  std::size_t patterns = 0;
  std::size_t wildcards = 0;  // and sets
  // Of each pattern: characters and ranges of sets, times four and the number of sets. Compiling takes some
  // microseconds for each.
  std::size_t weight = 0;
};

// Bounds of one query; the first two are settings.
struct Limits {
  std::int64_t conditions = 500;
  std::int64_t source_records = 50'000;  // of an aggregation
  std::size_t values = 5'000;            // of one condition
  std::size_t depth = 100;               // of parentheses and not
  std::size_t bytes = 256 * 1024;        // of one text
  std::size_t pattern_pieces = 1'000;
  PatternWork patterns = {.patterns = 30, .wildcards = 100, .weight = 20'000};  // PostgreSQL keeps 32 compiled ones
  std::size_t order_columns = 10;
  std::size_t items = 50;  // columns or aggregates of an aggregation
};

// How much of the limits the parts of a query that were read have taken.
struct Spent {
  std::int64_t conditions = 0;
  PatternWork patterns = {};
};

struct Options {
  const dictionary::Entity& entity;
  Timestamp now;   // what Today and its like are about
  Uuid user = {};  // of EqualUserId
  Limits limits = {};
};

// What is wrong, and where: a byte offset into the text.
struct Problem {
  ErrorReason reason;
  std::size_t offset;
  std::string description;
};

template <typename T>
using Parsed = std::expected<T, Problem>;

// The description with its character position: "at character 8: expected …".
FieldViolation ToViolation(std::string_view field, std::string_view text, const Problem& problem);

}  // namespace journeyfeed::query
