// The text of failures on the standard error.
//
//   journeyctl: INVALID_ARGUMENT / STRING_LENGTH_TOO_LONG (0x80044331): 2 invalid fields: ...
//     target.name: has 101 UTF-16 units, at most 100 are allowed
//     target.session: ...
//     do: Shorten the text.
//     retry: after 0.5 s
//     correlation id: 0193...
#pragma once

#include <string>
#include <string_view>

#include "cli/failure.h"

namespace journeyfeed::cli {

// One line per known violation, and one for the number of further ones. Ends with a newline; "" for a silent failure.
std::string ErrorText(const CommandFailure& failure);

// Code, reason and message on one line, without a newline.
std::string ErrorSummary(const CommandFailure& failure);

// Replaces control characters by spaces, so that no answer can control the terminal.
std::string Printable(std::string_view text);

}  // namespace journeyfeed::cli
