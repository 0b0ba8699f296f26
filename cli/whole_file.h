// A file that is there as a whole or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/failure.h"
#include "cli/file_io.h"

namespace journeyfeed::cli {

// Writes beside the file, under a name of its own, and takes its place at the end: until then, and whatever goes wrong
// before, the file is what it was. A link is followed. What is no regular file (a pipe, /dev/null) is written directly.
// The new file is its owner's alone (mode 0600). One thread.
class WholeFile {
 public:
  static Outcome<WholeFile> Open(const std::string& path);
  // Removes what was not committed.
  ~WholeFile();
  WholeFile(WholeFile&& other) noexcept;
  WholeFile& operator=(WholeFile&&) = delete;

  Outcome<void> Write(std::string_view text);

  // On disk, under its name, when it returns. At most once.
  Outcome<void> Commit();

 private:
  WholeFile(std::string path, std::string draft, int file)
      : path_(std::move(path)), draft_(std::move(draft)), file_(file) {}

  Failure Broken(int error) const;

  std::string path_;
  std::string draft_;  // empty: written directly, committed, or moved from
  int file_;           // -1: moved from
};

}  // namespace journeyfeed::cli
