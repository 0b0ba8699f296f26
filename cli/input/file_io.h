// Reads and writes file descriptors, completely or with the errno.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "cli/failure.h"

namespace journeyfeed::cli {

// Closes its descriptor; -1: none.
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

// Returns 0 if all was written, else the errno.
int WriteAll(int file, std::string_view text);

// Appends what is there, at most `limit` bytes. Returns 0 or the errno.
int ReadAll(int file, std::size_t limit, std::string& text);

// After it returns, a rename within the folder of `path` survives a power loss. Returns 0 or the errno.
int SyncFolderOf(const std::string& path);

// The standard output, a line at a time. One thread at a time.
class LineOutput {
 public:
  explicit LineOutput(int file) : file_(file) {}

  // After it returns, the reader has the line and its newline. ReaderGone if there is no reader any more.
  Outcome<void> Write(std::string_view line);

  // After it returns, what was written survives a power loss, if the output is a file.
  Outcome<void> Sync();

 private:
  int file_;
};

}  // namespace journeyfeed::cli
