#include "storage/embedded/cluster.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "storage/embedded/cluster_settings.h"
#include "storage/embedded/command.h"
#include "storage/embedded/new_cluster.h"
#include "storage/embedded/postmaster.h"
#include "storage/embedded/problem.h"
#include "storage/embedded/readiness.h"

namespace journeyfeed::embedded {
namespace {

namespace fs = std::filesystem;

constexpr auto kDatabase = "journeyfeed";
constexpr auto kHardStop = std::chrono::seconds(5);

// What the postmaster prints before its own log takes over. Stays open so that it can be read back.
class StartLog {
 public:
  explicit StartLog(const fs::path& file) {
    ::unlink(file.c_str());
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_APPEND, 0600);
  }
  ~StartLog() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  StartLog(const StartLog&) = delete;
  StartLog& operator=(const StartLog&) = delete;

  int descriptor() const { return descriptor_; }
  std::string Text() const {
    std::array<char, 2048> buffer;
    const auto count = ::pread(descriptor_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }

 private:
  int descriptor_;
};

Result<fs::path> Canonical(const fs::path& data_dir) {
  std::error_code error;
  if (data_dir.empty()) return NeedsAction("the data directory has no name");
  fs::create_directories(data_dir, error);
  if (error) return NeedsAction("cannot make the data directory " + data_dir.string() + ": " + error.message());
  fs::path canonical = fs::canonical(data_dir, error);
  if (error) return NeedsAction("cannot use the data directory " + data_dir.string() + ": " + error.message());
  return canonical;
}

}  // namespace

Cluster::Cluster(ClusterHome home, std::vector<FileLock> locks, Log log)
    : home_(std::move(home)), locks_(std::move(locks)), log_(std::move(log)) {}

Result<Cluster> Cluster::Open(const fs::path& data_dir, Clock::time_point deadline, Log log) {
  const auto directory = Canonical(data_dir);
  if (!directory) return std::unexpected(directory.error());
  std::vector<FileLock> locks;
  // Two locks: copies of a data directory whose home is elsewhere all share that home.
  auto lock = FileLock::TakeLock(*directory / "server.lock");
  if (!lock) return std::unexpected(lock.error());
  locks.push_back(std::move(*lock));
  auto home = FindClusterHome(*directory);
  if (!home) return std::unexpected(home.error());
  lock = FileLock::TakeLock(home->path / "server.lock");
  if (!lock) return std::unexpected(lock.error());
  locks.push_back(std::move(*lock));

  Cluster cluster(std::move(*home), std::move(locks), std::move(log));
  const auto major = ClusterMajor(cluster.home_);
  if (!major) return std::unexpected(major.error());
  auto installation = FindInstallation(*major);
  if (!installation) return std::unexpected(installation.error());
  cluster.installation_ = *installation;
  if (!*major) {
    cluster.Say("making a new database cluster in " + cluster.home_.path.string());
    if (auto made = MakeCluster(cluster.home_, *installation, deadline); !made) return std::unexpected(made.error());
  }
  if (auto made = MakePrivateDirectory(cluster.home_.log(), cluster.home_.owner); !made)
    return std::unexpected(made.error());
  auto socket_directory = SocketDirectory(cluster.home_);
  if (!socket_directory) return std::unexpected(socket_directory.error());
  cluster.socket_directory_ = std::move(*socket_directory);
  return cluster;
}

Result<Process> Cluster::BringUp(Clock::time_point deadline, int wake) {
  const auto changed = WriteClusterSettings(home_);
  if (!changed) return std::unexpected(changed.error());
  if (auto running = FindPostmaster(home_.data())) {
    if (*changed) {
      Say("restarting the PostgreSQL that was left running, since its settings have changed");
      if (auto ended = ShutDown(*running, home_.data(), kHardStop); !ended) return std::unexpected(ended.error());
    } else if (auto ready = Await(*running, deadline, wake); ready) {
      Say("took over the PostgreSQL that was left running, process " + std::to_string(running->pid()));
      return std::move(*running);
    } else if (running->Alive()) {
      return std::unexpected(ready.error());
    }
  }
  if (auto cleared = ClearLeftovers(home_.data(), socket_directory_); !cleared) return std::unexpected(cleared.error());
  return Launch(deadline, wake);
}

Result<Process> Cluster::Launch(Clock::time_point deadline, int wake) {
  const StartLog start_log(home_.log() / "start.log");
  if (start_log.descriptor() < 0) return MayPass("cannot write into " + home_.log().string() + Because());
  Command command{PostgresArguments(home_, socket_directory_), home_.owner};
  command.argv.insert(command.argv.begin(), installation_.postgres().string());
  auto postmaster = Spawn(command, start_log.descriptor());
  if (!postmaster) return postmaster;
  if (auto ready = Await(*postmaster, deadline, wake); !ready) {
    Failure problem = std::move(ready.error());
    problem.message += " " + start_log.Text() + "The log is in " + home_.log().string();
    return std::unexpected(std::move(problem));
  }
  return postmaster;
}

Result<void> Cluster::Await(Process& postmaster, Clock::time_point deadline, int wake) {
  std::string problem;
  const auto maintenance = ConnectionString(socket_directory_, "postgres");
  switch (AwaitSession(postmaster, maintenance, deadline, wake, problem)) {
    case Readiness::kReady:
      if (auto made = EnsureDatabase(maintenance, kDatabase); !made) {
        problem = made.error().message;
        break;
      }
      return {};
    case Readiness::kEnded:
      return MayPass("PostgreSQL ended while it was starting.");
    case Readiness::kRecovering:
      return MayPass("PostgreSQL is still recovering from its log and continues; start the server again later.");
    case Readiness::kSilent:
    case Readiness::kWoken:
      break;
  }
  if (auto ended = ShutDown(postmaster, home_.data(), kHardStop); !ended) return ended;
  return MayPass("PostgreSQL accepted no connection: " + problem);
}

Result<void> Cluster::Stop(std::chrono::milliseconds limit) {
  if (auto running = FindPostmaster(home_.data())) {
    if (auto ended = ShutDown(*running, home_.data(), limit); !ended) return ended;
  }
  return ClearLeftovers(home_.data(), socket_directory_);
}

std::string Cluster::connection_string() const { return ConnectionString(socket_directory_, kDatabase); }

void Cluster::Say(const std::string& line) const {
  if (log_) log_(line);
}

}  // namespace journeyfeed::embedded
