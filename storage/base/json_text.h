// A JSON string, for code that writes the rest of its document itself.
#pragma once

#include <string>
#include <string_view>

namespace journeyfeed {

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace journeyfeed
