// Whether a text is well-formed XML, as far as charts use it: elements, attributes in double quotes, the predefined
// entities.
#pragma once

#include <string>
#include <string_view>

namespace journeyfeed::testing {

// What is wrong; "" if nothing is.
std::string XmlProblem(std::string_view document);

}  // namespace journeyfeed::testing
