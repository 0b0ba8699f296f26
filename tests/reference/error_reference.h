// docs/errors.md.
#pragma once

#include <string>

namespace journeyfeed::reference {

// Every value of ErrorReason in the order of its number, from the options of the enum alone.
std::string ErrorReference();

}  // namespace journeyfeed::reference
