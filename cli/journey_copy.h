// Which of a customer journey its copy takes.
#pragma once

#include <string>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"

namespace journeyfeed::cli {

// A new journey with what somebody designed: the workflow definition and the designer state of the same version (one
// without the other is of no use to the designer), the schedule, segments, settings, consent and texts. Not with what
// happened to the original: key, status (the copy is a Draft), who owns, published or imported it, validation results.
customerjourney::v1::CustomerJourney CopyOf(const customerjourney::v1::CustomerJourney& original,
                                            const std::string& name);

// "Copy of <name>", cut where the name would be longer than its column allows.
std::string CopyName(const std::string& name);

}  // namespace journeyfeed::cli
