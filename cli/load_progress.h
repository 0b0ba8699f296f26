// How far an initial load is, on the terminal of whoever waits for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>

#include "cli/change_stream.h"

namespace journeyfeed::cli {

// One line that is written over again at most five times a second, and is gone when the load ends.
class LoadProgress {
 public:
  using Clock = std::chrono::steady_clock;

  // `terminal` is null when there is none: then nothing is ever shown.
  explicit LoadProgress(std::ostream* terminal) : terminal_(terminal) {}
  ~LoadProgress() { Erase(); }
  LoadProgress(const LoadProgress&) = delete;
  LoadProgress& operator=(const LoadProgress&) = delete;

  void Show(const ChangeMessage& message, Clock::time_point now = Clock::now());

  // Makes room for other text.
  void Erase();

 private:
  void Write(const entity::v1::Progress& progress, Clock::time_point now);

  std::ostream* const terminal_;
  bool visible_ = false;
  std::optional<Clock::time_point> began_;
  std::int64_t rows_before_ = 0;  // done when this run began: a load goes on where its token says
  Clock::time_point written_{};
};

}  // namespace journeyfeed::cli
