// Calls of the service of journey run sessions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/http2/connection.h"

namespace journeyfeed::bench::session_calls {

// Follows from now on.
http2::Call Follow(const std::optional<std::string>& partition);
// Follows after `token`.
http2::Call Resume(const std::string& token);
// Everything that there is, or the changes after `token`; then the stream ends.
http2::Call Load();
http2::Call CatchUp(const std::string& token);

// A session for each text: Create for one, CreateMultiple for more.
http2::Call Create(const std::vector<std::string>& texts, const std::optional<std::string>& partition);

// The token of a message of one of these streams. Throws std::runtime_error if there is none.
std::string TokenOf(std::string_view message);

}  // namespace journeyfeed::bench::session_calls
