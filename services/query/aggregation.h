// Parses $apply.
#pragma once

#include <optional>
#include <string_view>

#include "services/query/options.h"
#include "storage/query.h"

namespace journeyfeed::query {

struct Aggregation {
  std::optional<Condition> filter;
  Grouping grouping;
};

// filter(…)/…/aggregate(col with sum as total, $count as n), or /groupby((col, col),aggregate(…)), or /groupby((col)).
// Filters come first; nothing may follow the aggregation. Sum and average accept numbers, min and max numbers and
// times. Large text cannot be grouped by.
Parsed<Aggregation> ParseApply(std::string_view text, const Options& options);

}  // namespace journeyfeed::query
