// Which records of other services a journey uses.
#pragma once

#include <vector>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/validation/definition.h"
#include "services/customer_journey/validation/records.h"

namespace journeyfeed::customer_journey {

// Those of the journey's columns first, then those of the items in the order of the definition. An id that is no UUID
// is left out (the check tells it), one that is used twice comes twice. `items` (may be null) gets for each the index
// in Definition::items, kNone for a column.
std::vector<RecordUse> RecordsUsed(const customerjourney::v1::CustomerJourney& journey, const Definition& definition,
                                   std::vector<std::size_t>* items = nullptr);

}  // namespace journeyfeed::customer_journey
