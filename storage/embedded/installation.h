// Finds PostgreSQL's server programs on this machine.
#pragma once

#include <filesystem>
#include <optional>

#include "storage/status.h"

namespace journeyfeed::embedded {

struct Installation {
  int major = 0;  // 15 for 15.13
  std::filesystem::path programs;

  std::filesystem::path postgres() const { return programs / "postgres"; }
  std::filesystem::path initdb() const { return programs / "initdb"; }
};

// The installation of that major version, or without one the newest. Looked for where Debian puts the versions side by
// side, then in PATH.
Result<Installation> FindInstallation(std::optional<int> major);

}  // namespace journeyfeed::embedded
