#include "cli/output/load_progress.h"

#include <cmath>
#include <string>

#include "cli/output/number_text.h"

namespace journeyfeed::cli {
namespace {

// An estimate that is already exceeded is not shown.
std::string OfAll(std::int64_t done, std::int64_t estimated) {
  if (estimated <= done) return " rows";
  const auto percent = static_cast<int>(static_cast<double>(done) / static_cast<double>(estimated) * 100);
  return " of about " + Grouped(estimated) + " rows (" + std::to_string(percent) + " %)";
}

}  // namespace

void LoadProgress::Show(const ChangeMessage& message, Clock::time_point now) {
  if (terminal_ == nullptr) return;
  if (message.resync) began_.reset();
  if (message.phase != entity::v1::CHANGE_PHASE_INITIAL_LOAD) {
    began_.reset();
    return Erase();
  }
  if (!message.progress) return;
  if (!began_) {
    began_ = now;
    rows_before_ = message.progress->rows_done();
  } else if (now - written_ < std::chrono::milliseconds(200)) {
    return;
  }
  Write(*message.progress, now);
}

void LoadProgress::Write(const entity::v1::Progress& progress, Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - *began_).count();
  std::string text =
      "\r\x1b[Kinitial load: " + Grouped(progress.rows_done()) + OfAll(progress.rows_done(), progress.rows_estimated());
  if (seconds > 0) {
    const double rate = static_cast<double>(progress.rows_done() - rows_before_) / seconds;
    text += ", " + Grouped(std::llround(rate)) + "/s";
  }
  *terminal_ << text << std::flush;
  written_ = now;
  visible_ = true;
}

void LoadProgress::Erase() {
  if (!visible_) return;
  *terminal_ << "\r\x1b[K" << std::flush;
  visible_ = false;
}

}  // namespace journeyfeed::cli
