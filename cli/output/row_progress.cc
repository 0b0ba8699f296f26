#include "cli/output/row_progress.h"

#include <algorithm>
#include <cmath>

#include "cli/output/number_text.h"

namespace journeyfeed::cli {

void RowProgress::Show(std::int64_t rows, std::optional<double> share, const std::string& more, Clock::time_point now) {
  const auto interval = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000);
  if (now - written_ < interval) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  std::string text = verb_ + " " + Grouped(rows) + " records";
  if (share) text += " (" + std::to_string(static_cast<int>(std::clamp(*share, 0.0, 1.0) * 100)) + " %)";
  if (seconds > 0) text += ", " + Grouped(std::llround(static_cast<double>(rows) / seconds)) + "/s";
  text += more;
  if (terminal_) {
    errors_ << "\r\x1b[K" << text << std::flush;
    visible_ = true;
  } else {
    errors_ << text << std::endl;
  }
  written_ = now;
}

void RowProgress::Erase() {
  if (!visible_) return;
  errors_ << "\r\x1b[K" << std::flush;
  visible_ = false;
}

}  // namespace journeyfeed::cli
