// The error check of a journey, for people.
#pragma once

#include <string>

#include "cli/channel.h"
#include "cli/failure.h"
#include "journeyfeed/customerjourney/v1/customer_journey_validation.pb.h"
#include "services/customer_journey/validation/validator.h"

namespace journeyfeed::cli {

// What a command ends with when there are faults that stand against going live (EX_DATAERR of <sysexits.h>).
inline constexpr int kFaultsExit = 65;

struct CheckedJourney {
  customer_journey::ValidationResult result;
  std::string text;  // as Dataverse answers it
};

// By the service, with everything that it knows.
Outcome<CheckedJourney> CheckByService(const Connection& connection,
                                       const customerjourney::v1::CustomerJourney& journey);
// By this program's own rules, without a service.
CheckedJourney CheckHere(const customerjourney::v1::CustomerJourney& journey);

// A paragraph for each fault (level, activity, code, what it means, arguments) and a last line that counts them. Does
// not end with a newline.
std::string FaultText(const customer_journey::ValidationResult& result);

}  // namespace journeyfeed::cli
