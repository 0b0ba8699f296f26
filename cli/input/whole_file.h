// A file that exists completely or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/failure.h"
#include "cli/input/file_io.h"

namespace journeyfeed::cli {

// Writes to a temporary file beside the target and renames it at the end: until then, and after any error before, the
// target is unchanged. Follows a link. Writes directly to what is not a regular file (a pipe, /dev/null). Only its
// owner can read the new file (mode 0600). One thread.
class WholeFile {
 public:
  static Outcome<WholeFile> Open(const std::string& path);
  // Removes a file that was not committed.
  ~WholeFile();
  WholeFile(WholeFile&& other) noexcept;
  WholeFile& operator=(WholeFile&&) = delete;

  Outcome<void> Write(std::string_view text);

  // When it returns, the file is on disk under its name. Call it at most once.
  Outcome<void> Commit();

 private:
  WholeFile(std::string path, std::string draft, int file)
      : path_(std::move(path)), draft_(std::move(draft)), file_(file) {}

  CommandFailure Broken(int error) const;

  std::string path_;
  std::string draft_;  // empty: written directly, committed, or moved from
  int file_;           // -1: moved from
};

}  // namespace journeyfeed::cli
