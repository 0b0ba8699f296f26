// The file that keeps the place of a consumer between runs.
#pragma once

#include <string>
#include <string_view>

#include "cli/failure.h"

namespace journeyfeed::cli {

// One token and a newline. A process that is killed at any moment, and a machine that loses power, leave the old token
// or the new one, never a part and never nothing. One process at a time.
class TokenFile {
 public:
  explicit TokenFile(std::string path) : path_(std::move(path)) {}

  // The token; "" when there is no file yet or an empty one. Refuses a file that holds anything but a token: it is
  // somebody's, and Save would replace it.
  Outcome<std::string> Load() const;

  // On disk when it returns.
  Outcome<void> Save(std::string_view token) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace journeyfeed::cli
