// Text from outside that goes to places which must be UTF-8: log lines and error details.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace journeyfeed {

// Bytes of the well-formed UTF-8 sequence at the start of `text` (1 to 4; no surrogates, no overlong forms); 0 when
// there is none.
std::size_t Utf8SequenceLength(std::string_view text);

// `text` with every malformed byte replaced by U+FFFD, at most `max_bytes` long; shortened texts end in "…".
// Precondition: max_bytes >= 3.
std::string ValidUtf8(std::string_view text, std::size_t max_bytes);

}  // namespace journeyfeed
