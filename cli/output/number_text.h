// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace journeyfeed::cli {

// "1,234,567"
std::string Grouped(std::int64_t number);

}  // namespace journeyfeed::cli
