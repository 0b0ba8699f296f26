// How long to wait before the next attempt, and waiting.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

namespace journeyfeed {

// The first pause, then each time twice the one before, up to the longest.
class Backoff {
 public:
  // `spread`: each pause is 1 - spread to 1 + spread times as long, by chance, so that those who failed together do not
  // return together. Precondition: 0 <= spread < 1, 0 < first.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, double spread = 0)
      : first_(first), longest_(longest), spread_(spread) {}

  // `asked`: what the other side asked for; the pause is no shorter.
  std::chrono::milliseconds Next(std::optional<std::chrono::milliseconds> asked = {});
  // An attempt succeeded.
  void Reset() { attempts_ = 0; }
  int attempts() const { return attempts_; }  // since then

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  double spread_;
  int attempts_ = 0;
};

// Waits; false as soon as a stop is requested.
[[nodiscard]] bool Pause(std::stop_token stop, std::chrono::milliseconds time);

}  // namespace journeyfeed
