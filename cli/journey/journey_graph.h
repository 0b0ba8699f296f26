// Draws the definition of a journey.
#pragma once

#include <string>

#include "cli/client/channel.h"
#include "cli/failure.h"
#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/validation/validator.h"

namespace journeyfeed::cli {

// Graphviz DOT: a box per activity (type, name, id), an arrow from each parent, faulty ones in red with the codes of
// their faults. Faults of no activity are a note. Escapes every text of the definition. Does not end with a newline.
std::string DotOf(const customerjourney::v1::CustomerJourney& journey,
                  const customer_journey::ValidationResult& faults);

// Runs Graphviz's `dot` to draw it as SVG, onto the file descriptor `output`. Fails if `dot` is not installed or takes
// longer than `limit`.
Outcome<void> DrawSvg(const std::string& dot, int output, std::chrono::milliseconds limit);

}  // namespace journeyfeed::cli
