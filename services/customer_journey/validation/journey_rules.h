// The rules about the columns of a journey, except its definition.
#pragma once

#include "services/customer_journey/validation/fault_list.h"

namespace journeyfeed::customer_journey {

void CheckColumns(const customerjourney::v1::CustomerJourney& journey, const Context& context, FaultList& faults);

}  // namespace journeyfeed::customer_journey
