// The rules about the settings of the tiles of a definition, alone and with the state of their records.
#pragma once

#include "services/customer_journey/validation/fault_list.h"
#include "services/customer_journey/validation/tree.h"

namespace journeyfeed::customer_journey {

// Checks what the journey itself decides.
void CheckTiles(const customerjourney::v1::CustomerJourney& journey, const Definition& definition, const Tree& tree,
                FaultList& faults);

// Checks what `records` reports about the used records.
void CheckRecords(const customerjourney::v1::CustomerJourney& journey, const Definition& definition, const Tree& tree,
                  const RecordStates& records, FaultList& faults);

}  // namespace journeyfeed::customer_journey
