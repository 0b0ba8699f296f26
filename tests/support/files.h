// Files of a test: a directory that is removed with it, and one-line reading and writing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace journeyfeed::testing {

// The directory for temporary files: $TMPDIR, or /tmp. Absolute.
std::filesystem::path TempRoot();

// A new directory below TempRoot that only its owner can list. The destructor removes it with its contents; if the test
// crashes or is killed, a process that outlives the test does.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The whole content; "" if the file does not exist.
std::string ReadFile(const std::filesystem::path& path);

// Replaces the content. Throws std::runtime_error on failure.
void WriteFile(const std::filesystem::path& path, std::string_view content);

}  // namespace journeyfeed::testing
