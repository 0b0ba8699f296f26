// What a copy of a customer journey contains.
#pragma once

#include <string>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"

namespace journeyfeed::cli {

// A new journey with everything that people design: the workflow definition and the designer state of the same version
// (the designer needs both), the schedule, segments, settings, consent and texts. Without what happened to the
// original: key, status (the copy is a Draft), owner, publisher and importer, validation results.
customerjourney::v1::CustomerJourney CopyOf(const customerjourney::v1::CustomerJourney& original,
                                            const std::string& name);

// "Copy of <name>", cut to the length of its column.
std::string CopyName(const std::string& name);

}  // namespace journeyfeed::cli
