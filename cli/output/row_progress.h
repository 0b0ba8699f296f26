// Shows the progress of an export or import.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace journeyfeed::cli {

// On a terminal: one line, rewritten at most five times a second and erased at the end. Elsewhere: a new line every ten
// seconds, so that the log of a long run shows progress. One thread at a time.
class RowProgress {
 public:
  using Clock = std::chrono::steady_clock;

  RowProgress(std::ostream& errors, bool terminal, std::string verb, Clock::time_point now = Clock::now())
      : errors_(errors), terminal_(terminal), verb_(std::move(verb)), began_(now), written_(now) {}
  ~RowProgress() { Erase(); }
  RowProgress(const RowProgress&) = delete;
  RowProgress& operator=(const RowProgress&) = delete;

  // `share` of the whole, 0 to 1, if known. `more` is appended.
  void Show(std::int64_t rows, std::optional<double> share = {}, const std::string& more = "",
            Clock::time_point now = Clock::now());

  // Erases the line, to make room for other text.
  void Erase();

 private:
  std::ostream& errors_;
  const bool terminal_;
  const std::string verb_;  // "exported"
  const Clock::time_point began_;
  Clock::time_point written_;
  bool visible_ = false;
};

}  // namespace journeyfeed::cli
