// How the command line retries its calls.
#pragma once

#include "storage/base/pause.h"

namespace journeyfeed::cli {

inline constexpr int kMaxAttempts = 4;

inline Backoff CallBackoff() {
  return Backoff(std::chrono::milliseconds(200), std::chrono::seconds(30), /*spread=*/0.2);
}

}  // namespace journeyfeed::cli
