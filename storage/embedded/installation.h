// Finds PostgreSQL's server programs on this machine.
#pragma once

#include <filesystem>
#include <optional>

#include "storage/failure.h"

namespace journeyfeed::embedded {

struct Installation {
  int major = 0;  // 15 for 15.13
  std::filesystem::path programs;

  std::filesystem::path postgres() const { return programs / "postgres"; }
  std::filesystem::path initdb() const { return programs / "initdb"; }
};

// Finds the installation of that major version, or the newest if none is given. Searches the places where Debian
// installs versions side by side, then PATH.
Result<Installation> FindInstallation(std::optional<int> major);

}  // namespace journeyfeed::embedded
