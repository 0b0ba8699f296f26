#include "cli/input/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace journeyfeed::cli {
namespace {

constexpr std::size_t kBlock = 64 << 10;
// How long a stop may have to wait for a silent pipe.
constexpr int kPollMilliseconds = 100;

}  // namespace

Outcome<bool> LineReader::Fill(const std::stop_token& stop) {
  buffer_.resize(kBlock);
  position_ = 0;
  while (!stop.stop_requested()) {
    pollfd waiting{.fd = file_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, kPollMilliseconds) == 0) continue;
    const ssize_t count = read(file_, buffer_.data(), buffer_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(FileFailure("cannot read " + name_, errno));
    buffer_.resize(static_cast<std::size_t>(count));
    bytes_read_ += count;
    return count > 0;
  }
  buffer_.clear();
  return false;
}

void LineReader::TakeBytes(std::size_t count, InputLine& line) {
  if (line.text.size() + count > longest_) {
    line.too_long = true;
    line.text = {};
  }
  if (!line.too_long) line.text.append(buffer_, position_, count);
  position_ += count;
}

Outcome<std::optional<InputLine>> LineReader::Next(const std::stop_token& stop) {
  InputLine line{.number = lines_ + 1};
  bool begun = false;
  while (!stop.stop_requested()) {
    if (position_ == buffer_.size()) {
      const auto filled = Fill(stop);
      if (!filled) return std::unexpected(filled.error());
      if (!*filled && (!begun || stop.stop_requested())) return std::nullopt;
      if (!*filled) break;
    }
    begun = true;
    const std::size_t end = buffer_.find('\n', position_);
    TakeBytes(std::min(end, buffer_.size()) - position_, line);
    if (end == std::string::npos) continue;
    ++position_;
    break;
  }
  if (!begun) return std::nullopt;
  ++lines_;
  return line;
}

}  // namespace journeyfeed::cli
