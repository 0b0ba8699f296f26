// Finds what a record proto declares wrongly, before anything relies on it.
#pragma once

#include <string>
#include <vector>

#include "storage/dictionary/registration.h"

namespace journeyfeed::dictionary {

// Each problem begins with the full name of the message, field or enum value that has it. Also what two records may not
// share: numbers and names.
std::vector<std::string> FindProblems(const std::vector<Registration>& entities);

}  // namespace journeyfeed::dictionary
