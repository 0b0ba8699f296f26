// The records of other services that a journey uses.
#pragma once

#include <vector>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/validation/definition.h"
#include "services/customer_journey/validation/records.h"

namespace journeyfeed::customer_journey {

// First the records of the journey's columns, then those of the items in the order of the definition. Leaves out an id
// that is not a UUID (the check reports it), and lists an id that is used twice twice. `items` (may be null) gets the
// index in Definition::items for each, or kNone for a column.
std::vector<RecordUse> RecordsUsed(const customerjourney::v1::CustomerJourney& journey, const Definition& definition,
                                   std::vector<std::size_t>* items = nullptr);

}  // namespace journeyfeed::customer_journey
