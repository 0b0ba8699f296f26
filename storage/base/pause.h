// Computes the pause before the next attempt, and waits.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

namespace journeyfeed {

// The first pause, then twice the previous one each time, up to the longest.
class Backoff {
 public:
  // `spread`: each pause is multiplied by a random factor from 1 - spread to 1 + spread, so that clients that failed
  // together do not return together. Precondition: 0 <= spread < 1, 0 < first.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, double spread = 0)
      : first_(first), longest_(longest), spread_(spread) {}

  // `asked`: the pause that the other side asked for; the result is no shorter.
  std::chrono::milliseconds Next(std::optional<std::chrono::milliseconds> asked = {});
  // Call it after a success.
  void Reset() { attempts_ = 0; }
  int attempts() const { return attempts_; }  // since the last Reset

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  double spread_;
  int attempts_ = 0;
};

// Waits. Returns false as soon as a stop is requested.
[[nodiscard]] bool Pause(std::stop_token stop, std::chrono::milliseconds time);

}  // namespace journeyfeed
