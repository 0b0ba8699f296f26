// Bounds of RetrieveMultiple.
#pragma once

#include <cstdint>

#include "services/query/options.h"

namespace journeyfeed::entity_service {

struct QuerySettings {
  query::Limits limits = {};
  std::int32_t elastic_page_size = 500;
  std::int32_t standard_page_size = 5000;
  std::int64_t count_limit = 5000;
};

}  // namespace journeyfeed::entity_service
