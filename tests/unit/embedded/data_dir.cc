#include "tests/unit/embedded/data_dir.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "storage/embedded/files.h"
#include "storage/embedded/installation.h"
#include "tests/support/cluster_template.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {

namespace fs = std::filesystem;

DataDir::DataDir(Content content) {
  fs::create_directory(path());
  if (content == kEmpty) return;
  const embedded::ClusterHome home{this->home(), TestClusterOwner()};
  OrThrow(embedded::MakePrivateDirectory(home.path, home.owner));
  CopyClusterTemplate(home, OrThrow(embedded::FindInstallation(std::nullopt)));
  // The tests kill processes, not machines: fsync would only wait for a busy disk.
  std::ofstream(home.data() / "postgresql.conf", std::ios::app) << "fsync = off\n";
}

// A failed test may leave servers behind.
DataDir::~DataDir() {
  for (const pid_t pid : Processes()) ::kill(pid, SIGKILL);
}

EmbeddedSettings DataDir::Settings() {
  EmbeddedSettings settings;
  settings.data_dir = path();
  settings.start_timeout = std::chrono::seconds(30);
  settings.log = [file = directory_ / "told"](std::string_view line) {
    std::ofstream(file, std::ios::app) << line << "\n";
  };
  return settings;
}

std::unique_ptr<EmbeddedPostgres> DataDir::Start() { return OrThrow(EmbeddedPostgres::Start(Settings())); }

pid_t DataDir::StartInAServerThatIsKilled() {
  std::array<int, 2> report{};
  if (::pipe(report.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t server = ::fork();
  if (server == 0) {
    auto started = EmbeddedPostgres::Start(Settings());
    const pid_t pid = started ? (*started)->pid() : 0;
    [[maybe_unused]] const auto written = ::write(report[1], &pid, sizeof pid);
    ::kill(::getpid(), SIGKILL);
  }
  ::close(report[1]);
  pid_t postmaster = 0;
  const auto count = ::read(report[0], &postmaster, sizeof postmaster);
  ::close(report[0]);
  ::waitpid(server, nullptr, 0);
  if (count != static_cast<ssize_t>(sizeof postmaster) || postmaster == 0)
    throw std::runtime_error("no server: " + told());
  return postmaster;
}

std::vector<pid_t> DataDir::Processes() const {
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const auto directory = fs::read_symlink(entry.path() / "cwd", error).string();
    // A process that is just ending still has a directory, but no program.
    const bool running = !error && !fs::read_symlink(entry.path() / "exe", error).empty();
    if (running && directory.starts_with(home().string())) found.push_back(std::atoi(entry.path().filename().c_str()));
  }
  return found;
}

std::string DataDir::told() const { return ReadFile(directory_ / "told"); }

}  // namespace journeyfeed::testing
