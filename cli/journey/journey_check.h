// The error check of a journey, as text.
#pragma once

#include <string>

#include "cli/client/channel.h"
#include "cli/failure.h"
#include "journeyfeed/customerjourney/v1/customer_journey_validation.pb.h"
#include "services/customer_journey/validation/validator.h"

namespace journeyfeed::cli {

// The exit code if faults prevent going live (EX_DATAERR of <sysexits.h>).
inline constexpr int kFaultsExit = 65;

struct CheckedJourney {
  customer_journey::ValidationResult result;
  std::string text;  // in Dataverse's format
};

// Checks by the service, which also knows other records.
Outcome<CheckedJourney> CheckByService(const Connection& connection,
                                       const customerjourney::v1::CustomerJourney& journey);
// Checks by this program's own rules, without a service.
CheckedJourney CheckHere(const customerjourney::v1::CustomerJourney& journey);

// A paragraph per fault (level, activity, code, meaning, arguments) and a last line with their numbers. Does not end
// with a newline.
std::string FaultText(const customer_journey::ValidationResult& result);

}  // namespace journeyfeed::cli
