// Lines of a file or a pipe, however large it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "cli/failure.h"

namespace journeyfeed::cli {

struct InputLine {
  std::int64_t number = 0;  // from 1
  std::string text = {};    // without its end; empty when it was too long
  bool too_long = false;
};

// Holds one line and 64 KiB at a time. One thread.
class LineReader {
 public:
  // `file` stays open as long as this, `name` is for errors; a line longer than `longest` bytes is passed over.
  LineReader(int file, std::string name, std::size_t longest)
      : file_(file), name_(std::move(name)), longest_(longest) {}

  // The next line; nothing at the end and when a stop is requested, also while the other end of a pipe is silent. A
  // last line without an end counts.
  Outcome<std::optional<InputLine>> Next(const std::stop_token& stop);

  std::int64_t bytes_read() const { return bytes_read_; }

 private:
  // More bytes; false at the end.
  Outcome<bool> Fill(const std::stop_token& stop);
  void Take(std::size_t count, InputLine& line);

  const int file_;
  const std::string name_;
  const std::size_t longest_;
  std::string buffer_;
  std::size_t position_ = 0;
  std::int64_t lines_ = 0;
  std::int64_t bytes_read_ = 0;
};

}  // namespace journeyfeed::cli
