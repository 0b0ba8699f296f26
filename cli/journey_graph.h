// The definition of a journey as a picture.
#pragma once

#include <string>

#include "cli/channel.h"
#include "cli/failure.h"
#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/validation/validator.h"

namespace journeyfeed::cli {

// Graphviz DOT: a box for each activity (type, name, id), an arrow from each parent, what is faulty in red with the
// codes of its faults. Faults of no activity are a note. Every text of the definition is escaped. Does not end with a
// newline.
std::string DotOf(const customerjourney::v1::CustomerJourney& journey,
                  const customer_journey::ValidationResult& faults);

// Has `dot` of Graphviz draw it as SVG, onto the file descriptor `output`. Fails when it is not installed or takes
// longer than `limit`.
Outcome<void> DrawSvg(const std::string& dot, int output, std::chrono::milliseconds limit);

}  // namespace journeyfeed::cli
