// The file operations of the cluster. A server that runs as root writes into directories of another user: nothing here
// follows a link that this user could have made.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "storage/embedded/os_user.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

// Makes the directory for `owner` with mode 0700, or checks that the existing one is a directory (not a link) of that
// owner.
Result<void> MakePrivateDirectory(const std::filesystem::path& directory, const OsUser& owner);

// Replaces the file atomically; it belongs to `owner` and has mode 0600.
Result<void> WriteFile(const std::filesystem::path& file, std::string_view content, const OsUser& owner);

// Returns the whole file; "" if it cannot be read.
std::string ReadFile(const std::filesystem::path& file);

// Held while the object lives; the kernel releases it however the process ends. Movable.
class FileLock {
 public:
  // Fails if another process holds the lock; the error names that process.
  static Result<FileLock> TakeLock(const std::filesystem::path& file);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace journeyfeed::embedded
