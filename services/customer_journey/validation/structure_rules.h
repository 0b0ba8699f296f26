// The rules about the shape of a definition: a tree of known activities with valid fields (docs/dataverse.md 6.7).
#pragma once

#include "services/customer_journey/validation/fault_list.h"
#include "services/customer_journey/validation/tree.h"

namespace journeyfeed::customer_journey {

// `accounts`: the journey targets accounts.
void CheckStructure(const Definition& definition, const Tree& tree, bool accounts, FaultList& faults);

}  // namespace journeyfeed::customer_journey
