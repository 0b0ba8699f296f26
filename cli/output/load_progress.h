// Shows the progress of an initial load on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>

#include "cli/client/change_stream.h"

namespace journeyfeed::cli {

// One line, rewritten at most five times a second and erased when the load ends.
class LoadProgress {
 public:
  using Clock = std::chrono::steady_clock;

  // `terminal` is null if there is none: nothing is shown then.
  explicit LoadProgress(std::ostream* terminal) : terminal_(terminal) {}
  ~LoadProgress() { Erase(); }
  LoadProgress(const LoadProgress&) = delete;
  LoadProgress& operator=(const LoadProgress&) = delete;

  void Show(const ChangeMessage& message, Clock::time_point now = Clock::now());

  // Erases the line, to make room for other text.
  void Erase();

 private:
  void Write(const entity::v1::Progress& progress, Clock::time_point now);

  std::ostream* const terminal_;
  bool visible_ = false;
  std::optional<Clock::time_point> began_;
  std::int64_t rows_before_ = 0;  // done before this run: a load continues where its token says
  Clock::time_point written_{};
};

}  // namespace journeyfeed::cli
