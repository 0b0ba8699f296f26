// $orderby.
#pragma once

#include <string_view>
#include <vector>

#include "services/query/options.h"
#include "storage/query.h"

namespace journeyfeed::query {

// "modified_on desc, name". No column twice, none of large text, which no index or page token could hold.
Parsed<std::vector<OrderTerm>> ParseOrder(std::string_view text, const Options& options);

}  // namespace journeyfeed::query
