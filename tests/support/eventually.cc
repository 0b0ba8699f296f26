#include "tests/support/eventually.h"

#include <thread>

namespace journeyfeed::testing {

bool Eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return condition();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two checks of a condition; bounded above
  }
  return true;
}

}  // namespace journeyfeed::testing
