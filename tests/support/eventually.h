// Waits, for a limited time, for something that another thread or process causes.
#pragma once

#include <chrono>
#include <functional>

namespace journeyfeed::testing {

// Checks `condition` every few milliseconds. Returns true as soon as it holds, false if it did not within `limit`.
[[nodiscard]] bool Eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds limit = std::chrono::seconds(30));

}  // namespace journeyfeed::testing
