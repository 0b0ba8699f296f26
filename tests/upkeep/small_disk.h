// A file system of a few hundred MiB, and a way to fill it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "tests/support/files.h"

namespace journeyfeed::testing {

class SmallDisk {
 public:
  explicit SmallDisk(int mebibytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // False if mounting is not allowed: then there is no disk, and reason() says why.
  bool mounted() const { return reason_.empty(); }
  const std::string& reason() const { return reason_; }
  std::filesystem::path path() const { return directory_.path(); }

  std::int64_t Free() const;
  // Takes space until at most that much is left.
  void FillUpTo(std::int64_t left) const;
  // Frees the space.
  void Empty() const;

 private:
  TempDir directory_;
  std::string reason_;
};

}  // namespace journeyfeed::testing
