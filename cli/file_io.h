// Reading and writing of file descriptors, whole or with the errno.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "cli/failure.h"

namespace journeyfeed::cli {

// Closes what it was given; -1 is nothing.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor();
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return number_; }

 private:
  int number_;
};

// Returns 0 when all was written, else the errno.
int WriteAll(int file, std::string_view text);

// Appends what there is, at most `limit` bytes of it. Returns 0 or the errno.
int ReadAll(int file, std::size_t limit, std::string& text);

// A rename within the folder of `path` survives a loss of power when it returns. Returns 0 or the errno.
int SyncFolderOf(const std::string& path);

// The standard output, a line at a time. One thread at a time.
class LineOutput {
 public:
  explicit LineOutput(int file) : file_(file) {}

  // The reader has the line and its newline when it returns. ReaderGone when there is no reader any more.
  Outcome<void> Write(std::string_view line);

  // What was written survives a loss of power, when the output is a file.
  Outcome<void> Sync();

 private:
  int file_;
};

}  // namespace journeyfeed::cli
