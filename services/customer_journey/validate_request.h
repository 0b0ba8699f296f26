// Converts the parameters of Validate to the journey that they describe, and the findings to its answer.
#pragma once

#include "journeyfeed/customerjourney/v1/customer_journey_validation.pb.h"
#include "services/customer_journey/validation/validator.h"
#include "storage/failure.h"

namespace journeyfeed::customer_journey {

// Lists all values that do not fit their columns, under the names of the request's fields. Moves large texts out of the
// request.
Result<customerjourney::v1::CustomerJourney> ReadValidateRequest(customerjourney::v1::ValidateRequest& request);

customerjourney::v1::ValidateResponse ToResponse(const ValidationResult& result);

}  // namespace journeyfeed::customer_journey
