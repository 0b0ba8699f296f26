// Reads the lines of a file or pipe of any size.
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
  std::string text = {};    // without its line end; empty if it was too long
  bool too_long = false;
};

// Holds one line and 64 KiB at a time. One thread.
class LineReader {
 public:
  // `file` must stay open and `name` is for errors. Skips a line longer than `longest` bytes.
  LineReader(int file, std::string name, std::size_t longest)
      : file_(file), name_(std::move(name)), longest_(longest) {}

  // Returns the next line; nothing at the end or when a stop is requested, even while the writer of a pipe is silent. A
  // last line without a line end counts.
  Outcome<std::optional<InputLine>> Next(const std::stop_token& stop);

  std::int64_t bytes_read() const { return bytes_read_; }

 private:
  // Reads more bytes; returns false at the end.
  Outcome<bool> Fill(const std::stop_token& stop);
  void TakeBytes(std::size_t count, InputLine& line);

  const int file_;
  const std::string name_;
  const std::size_t longest_;
  std::string buffer_;
  std::size_t position_ = 0;
  std::int64_t lines_ = 0;
  std::int64_t bytes_read_ = 0;
};

}  // namespace journeyfeed::cli
