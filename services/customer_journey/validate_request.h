// The parameters of Validate as the journey that they describe, and what was found as its answer.
#pragma once

#include "journeyfeed/customerjourney/v1/customer_journey_validation.pb.h"
#include "services/customer_journey/validation/validator.h"
#include "storage/status.h"

namespace journeyfeed::customer_journey {

// All values that their columns could not hold are listed, under the names of the request's fields. Large texts are
// moved out of the request.
Result<customerjourney::v1::CustomerJourney> ReadValidateRequest(customerjourney::v1::ValidateRequest& request);

customerjourney::v1::ValidateResponse ToResponse(const ValidationResult& result);

}  // namespace journeyfeed::customer_journey
