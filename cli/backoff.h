// How long to wait before the next attempt.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <stop_token>

namespace journeyfeed::cli {

// Doubles from 200 ms to 30 s; each delay is spread over 80 to 120 %, so that clients which lost the same server do
// not return together.
class Backoff {
 public:
  // At least what the service asked for.
  std::chrono::milliseconds Next(std::optional<std::chrono::milliseconds> asked = {});
  // An attempt succeeded.
  void Reset();
  int attempts() const { return attempts_; }  // since then

 private:
  int attempts_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

// Waits; false as soon as a stop is requested.
[[nodiscard]] bool Pause(std::stop_token stop, std::chrono::milliseconds time);

}  // namespace journeyfeed::cli
