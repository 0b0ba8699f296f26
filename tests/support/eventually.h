// Waiting for something that another thread or process brings about, with a bound.
#pragma once

#include <chrono>
#include <functional>

namespace journeyfeed::testing {

// True as soon as `condition` is, which is asked every few milliseconds; false when `limit` has passed without.
[[nodiscard]] bool Eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds limit = std::chrono::seconds(30));

}  // namespace journeyfeed::testing
