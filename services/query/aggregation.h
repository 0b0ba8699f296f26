// $apply.
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
// Filters come first; nothing follows the aggregation. Sums and averages are of numbers, least and greatest of numbers
// and times; large text is no group.
Parsed<Aggregation> ParseApply(std::string_view text, const Options& options);

}  // namespace journeyfeed::query
