// Files of a test: a directory that goes away with it, and reading and writing in one line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace journeyfeed::testing {

// Where temporary files go: $TMPDIR, /tmp unless it is set. Absolute.
std::filesystem::path TempRoot();

// A fresh directory below TempRoot that only its owner can list; removed with everything in it by the destructor, or,
// when the test crashes or is killed, by a process that outlives it.
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

// The whole content; "" when the file is not there.
std::string ReadFile(const std::filesystem::path& path);

// Replaces the content. Throws std::runtime_error when it cannot.
void WriteFile(const std::filesystem::path& path, std::string_view content);

}  // namespace journeyfeed::testing
