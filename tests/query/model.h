// The meaning of the query language in the simplest form: rows in memory, a condition is a function. Conditions are
// made together with their text, so that no part of the parser or the compiler is involved.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storage/types.h"

namespace journeyfeed::query_test {

// Some columns of a customer journey.
struct ModelRow {
  Uuid id;
  Uuid owner_id;
  std::string name;
  std::optional<std::string> purpose;
  std::optional<std::int64_t> status_code;  // never null
  std::optional<std::int64_t> recurrence_count;
  std::optional<std::int64_t> recurrence_interval_days;
  std::optional<bool> is_recurring;
  std::optional<std::int64_t> start_date_time;  // microseconds
};

// Rows with few different values, many nulls, and both cases of letters.
std::vector<ModelRow> RandomRows(int count, std::mt19937& random);
// The statement that stores them.
std::string InsertOf(const std::vector<ModelRow>& rows);

using Truth = std::optional<bool>;  // nothing: unknown

struct ModelCondition {
  std::string text;
  std::function<Truth(const ModelRow&)> holds;
};
ModelCondition RandomCondition(std::mt19937& random, int depth);

struct ModelOrder {
  std::string text;
  std::function<bool(const ModelRow&, const ModelRow&)> less;  // total
};
ModelOrder RandomOrder(std::mt19937& random);

// Case-folded, for the letters that occur in the rows.
std::u32string Folded(const std::string& text);

}  // namespace journeyfeed::query_test
