// The rules about what the tiles of a definition are set to: by themselves, and by what is said of their records.
#pragma once

#include "services/customer_journey/validation/fault_list.h"
#include "services/customer_journey/validation/tree.h"

namespace journeyfeed::customer_journey {

// What the journey itself decides.
void CheckTiles(const customerjourney::v1::CustomerJourney& journey, const Definition& definition, const Tree& tree,
                FaultList& faults);

// What `records` says of the records that are used.
void CheckRecords(const customerjourney::v1::CustomerJourney& journey, const Definition& definition, const Tree& tree,
                  const RecordStates& records, FaultList& faults);

}  // namespace journeyfeed::customer_journey
