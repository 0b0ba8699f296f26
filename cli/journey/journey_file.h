// Reads a journey that is not stored from a file.
#pragma once

#include <string>

#include "cli/failure.h"
#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/customerjourney/v1/customer_journey_validation.pb.h"

namespace journeyfeed::cli {

// Reads `file` ("-": the standard input, a file descriptor), which is one of:
//   the body of Dataverse's action CustomerJourneyValidate ("FieldValueName", …), in which unknown keys are refused
//   a journey as Dataverse JSON ("msdyncrm_name", …)
//   a definition alone, a JSON array
// Failures name fields, never values.
Outcome<customerjourney::v1::CustomerJourney> ReadJourneyFile(const std::string& file, int standard_input);

// The equivalent parameters of Validate, and the reverse.
customerjourney::v1::ValidateRequest ValidateRequestOf(const customerjourney::v1::CustomerJourney& journey);
customerjourney::v1::CustomerJourney JourneyOf(const customerjourney::v1::ValidateRequest& request);

}  // namespace journeyfeed::cli
