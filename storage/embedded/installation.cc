#include "storage/embedded/installation.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "storage/embedded/command.h"
#include "storage/embedded/problem.h"

namespace journeyfeed::embedded {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> CandidateDirectories() {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", absent))
    found.push_back(version.path() / "bin");
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? "" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (directory.starts_with('/')) found.emplace_back(directory);
  }
  return found;
}

// Parses "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)".
std::optional<Installation> Inspect(const fs::path& programs, const OsUser& user) {
  const Installation candidate{0, programs};
  if (::access(candidate.postgres().c_str(), X_OK) != 0 || ::access(candidate.initdb().c_str(), X_OK) != 0) return {};
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  const auto version = RunCommand({{candidate.postgres().string(), "--version"}, user}, deadline);
  if (!version || version->exit_code != 0) return {};
  const auto number = version->output.find(") ");
  if (number == std::string::npos) return {};
  const int major = std::atoi(version->output.c_str() + number + 2);
  return major > 0 ? std::optional(Installation{major, programs}) : std::nullopt;
}

std::string Majors(const std::vector<Installation>& installations) {
  std::string text;
  for (const auto& installation : installations)
    text += (text.empty() ? "" : ", ") + std::to_string(installation.major);
  return text;
}

}  // namespace

Result<Installation> FindInstallation(std::optional<int> major) {
  std::vector<Installation> found;
  const auto user = CurrentUser();
  for (const auto& directory : CandidateDirectories()) {
    if (auto installation = Inspect(directory, user.value_or(OsUser{}))) found.push_back(*installation);
  }
  if (found.empty()) {
    return NeedsAction(
        "PostgreSQL's server programs (postgres, initdb) are not on this machine; install the package "
        "postgresql, or use a database of your own with --database-url");
  }
  if (!major) return *std::ranges::max_element(found, {}, &Installation::major);
  const auto match = std::ranges::find(found, *major, &Installation::major);
  if (match != found.end()) return *match;
  const std::string wanted = std::to_string(*major);
  return NeedsAction("the data directory was made by PostgreSQL " + wanted + ", but installed is " + Majors(found) +
                     "; install the package postgresql-" + wanted +
                     ", or move the data with pg_dump or pg_upgrade to a new data directory");
}

}  // namespace journeyfeed::embedded
