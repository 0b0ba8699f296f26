// docs/errors.md.
#pragma once

#include <string>

namespace journeyfeed::reference {

// Every value of ErrorReason in numerical order, only from the options of the enum.
std::string ErrorReference();

}  // namespace journeyfeed::reference
