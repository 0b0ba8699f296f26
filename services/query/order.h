// Parses $orderby.
#pragma once

#include <string_view>
#include <vector>

#include "services/query/options.h"
#include "storage/query.h"

namespace journeyfeed::query {

// "modified_on desc, name". Refuses a column that is named twice, and columns with large text, which no index and no
// page token could hold.
Parsed<std::vector<OrderTerm>> ParseOrder(std::string_view text, const Options& options);

}  // namespace journeyfeed::query
