#include "storage/embedded/new_cluster.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include "storage/embedded/command.h"
#include "storage/embedded/files.h"
#include "storage/embedded/problem.h"

namespace journeyfeed::embedded {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = "data.new.";

// An initdb that is being killed may remove its files at the same time: what is gone already is looked for again.
std::error_code RemoveAll(const fs::path& path) {
  std::error_code error;
  for (int attempt = 0; attempt < 100; ++attempt) {
    fs::remove_all(path, error);
    if (error != std::errc::no_such_file_or_directory) break;
  }
  return fs::exists(path) ? error : std::error_code();
}

Result<void> RemoveUnfinished(const fs::path& home) {
  std::error_code listing;
  for (const auto& entry : fs::directory_iterator(home, listing)) {
    if (!entry.path().filename().string().starts_with(kUnfinished)) continue;
    if (const auto error = RemoveAll(entry.path()))
      return NeedsAction("cannot remove the unfinished " + entry.path().string() + ": " + error.message());
  }
  return {};
}

Result<void> RunInitdb(const fs::path& directory, const OsUser& owner, const Installation& installation,
                       Clock::time_point deadline) {
  Command command{
      {installation.initdb().string(), "--pgdata", directory.string(), "--username=postgres", "--encoding=UTF8",
       "--locale=C.UTF-8", "--lc-collate=C", "--lc-messages=C", "--auth=peer", "--data-checksums", "--no-instructions"},
      owner};
  command.death_signal = SIGKILL;  // an initdb without a waiting parent is useless
  auto outcome = RunCommand(command, deadline);
  if (!outcome) return std::unexpected(outcome.error());
  if (outcome->exit_code != 0) return MayPass("initdb of a new database failed: " + outcome->output);
  return {};
}

void Sync(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

Result<std::optional<int>> ClusterMajor(const ClusterHome& home) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(home.data(), error))) return std::nullopt;
  const int major = std::atoi(ReadFile(home.data() / "PG_VERSION").c_str());
  if (major > 0) return major;
  return NeedsAction(home.data().string() + " is not the directory of a PostgreSQL cluster (no PG_VERSION)" +
                     "; restore it from a backup, or move it away to begin with an empty database");
}

Result<void> MakeCluster(const ClusterHome& home, const Installation& installation, Clock::time_point deadline) {
  if (auto removed = RemoveUnfinished(home.path); !removed) return removed;
  const fs::path building = home.path / (std::string(kUnfinished) + std::to_string(::getpid()));
  if (auto made = RunInitdb(building, home.owner, installation, deadline); !made) return made;

  std::ofstream(building / "postgresql.conf", std::ios::app)
      << "\n# Written by journeyfeed-server at every start. Settings below this line win over it.\ninclude "
         "'journeyfeed.conf'\n";
  std::error_code error;
  fs::rename(building, home.data(), error);
  if (error) return MayPass("cannot rename " + building.string() + ": " + error.message());
  Sync(home.path);
  return {};
}

}  // namespace journeyfeed::embedded
