// How far an export or an import is, for whoever waits for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace journeyfeed::cli {

// On a terminal one line that is written over at most five times a second and is gone at the end; else a line of its
// own every ten seconds, so that a log of a long run shows that it moves. One thread at a time.
class RowProgress {
 public:
  using Clock = std::chrono::steady_clock;

  RowProgress(std::ostream& errors, bool terminal, std::string verb, Clock::time_point now = Clock::now())
      : errors_(errors), terminal_(terminal), verb_(std::move(verb)), began_(now), written_(now) {}
  ~RowProgress() { Erase(); }
  RowProgress(const RowProgress&) = delete;
  RowProgress& operator=(const RowProgress&) = delete;

  // `share` of the whole, when that is known: 0 to 1. `more` goes at the end.
  void Show(std::int64_t rows, std::optional<double> share = {}, const std::string& more = "",
            Clock::time_point now = Clock::now());

  // Makes room for other text.
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
