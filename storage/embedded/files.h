// The few file operations of the cluster. A server started as root writes into directories of another user: nothing
// here follows a link that user could have put there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "storage/embedded/os_user.h"
#include "storage/status.h"

namespace journeyfeed::embedded {

// Makes the directory of `owner` with mode 0700, or checks that what is there is a directory (not a link) of that
// owner.
Result<void> MakePrivateDirectory(const std::filesystem::path& directory, const OsUser& owner);

// Replaces the file in one step; it belongs to `owner`, mode 0600.
Result<void> WriteFile(const std::filesystem::path& file, std::string_view content, const OsUser& owner);

// The whole file; "" when it cannot be read.
std::string ReadFile(const std::filesystem::path& file);

// Held while the object lives; the kernel lets go when the process ends in whatever way. Movable.
class FileLock {
 public:
  // Fails when another process holds it; the error names that process.
  static Result<FileLock> Take(const std::filesystem::path& file);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace journeyfeed::embedded
