// The file that keeps a consumer's place between runs.
#pragma once

#include <string>
#include <string_view>

#include "cli/failure.h"

namespace journeyfeed::cli {

// Contains one token and a newline. A process that is killed or a machine that loses power leaves the old token or the
// new one, never a part and never nothing. One process at a time.
class TokenFile {
 public:
  explicit TokenFile(std::string path) : path_(std::move(path)) {}

  // Returns the token; "" if the file is missing or empty. Refuses a file with other contents, which Save would
  // destroy.
  Outcome<std::string> Load() const;

  // The token is on disk when this returns.
  Outcome<void> Save(std::string_view token) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace journeyfeed::cli
