#include "tests/fault/service.h"

#include <signal.h>

#include <filesystem>
#include <sstream>

#include "storage/embedded/cluster_settings.h"
#include "storage/embedded/files.h"
#include "storage/embedded/installation.h"
#include "tests/support/cluster_template.h"
#include "tests/support/eventually.h"
#include "tests/support/or_throw.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

// The lines of postmaster.pid.
enum PidLine { kPid = 0, kSocketDirectory = 4 };

std::string PidFileLine(const fs::path& data, int number) {
  std::istringstream text(ReadFile(data / "postmaster.pid"));
  std::string line;
  for (int i = 0; i <= number && std::getline(text, line); ++i) continue;
  return line;
}

}  // namespace

Service::Service(std::vector<std::string> flags) : flags_(std::move(flags)) {
  fs::permissions(directory_.path(), fs::perms(0711));  // so that PostgreSQL's user can enter
  const embedded::ClusterHome home{directory_ / "data" / "postgres", TestClusterOwner()};
  fs::create_directories(home.path.parent_path());
  OrThrow(embedded::MakePrivateDirectory(home.path, home.owner));
  CopyClusterTemplate(home, OrThrow(embedded::FindInstallation(std::nullopt)));
  StartServer();
  const std::string socket = PidFileLine(home.data(), kSocketDirectory);
  database_url_ = embedded::ConnectionString(socket, "journeyfeed");
  const bool ready = Eventually([&] { return Ask("select count(*) from journeyfeed.token_key") == "1"; }, kPatience);
  if (!ready) throw std::runtime_error("the service does not start\n" + log());
}

Service::~Service() { server_.reset(); }

void Service::StartServer() {
  std::vector<std::string> arguments = {"--data-dir", directory_ / "data", "--log-level", "warning"};
  arguments.insert(arguments.end(), flags_.begin(), flags_.end());
  server_.emplace(arguments);
  grpc::ChannelArguments channel;
  channel.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel.SetMaxReceiveMessageSize(-1);
  const std::scoped_lock lock(mutex_);
  channel_ = grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), channel);
}

std::shared_ptr<grpc::Channel> Service::channel() const {
  const std::scoped_lock lock(mutex_);
  return channel_;
}

void Service::KillServer() {
  server_->Kill9();
  StartServer();
}

pid_t Service::Postmaster() const {
  return std::stoi("0" + PidFileLine(directory_ / "data" / "postgres" / "data", kPid));
}

bool Service::KillPostmaster() {
  return Eventually(
      [this] {
        const pid_t pid = Postmaster();
        return pid > 1 && ::kill(pid, SIGKILL) == 0;
      },
      kPatience);
}

std::string Service::Ask(const std::string& sql) const {
  try {
    return Query(database_url_, sql);
  } catch (const std::runtime_error&) {
    return "";
  }
}

std::vector<pid_t> Service::Backends(const std::string& condition) const {
  std::istringstream pids(
      Ask("select coalesce(string_agg(pid::text, ' '), '') from pg_stat_activity where"
          " application_name = 'journeyfeed' and " +
          condition));
  std::vector<pid_t> found;
  for (pid_t pid = 0; pids >> pid;) found.push_back(pid);
  return found;
}

bool Service::KillBackend(unsigned choice) {
  return Eventually(
      [&] {
        const auto pids = Backends("query like '%write_journey_run_session%'");
        return !pids.empty() && ::kill(pids[choice % pids.size()], SIGKILL) == 0;
      },
      kPatience);
}

bool Service::TerminateBackends() {
  return Eventually(
      [this] {
        const std::string ended =
            Ask("select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity where"
                " application_name = 'journeyfeed'");
        return !ended.empty() && ended != "0";
      },
      kPatience);
}

std::vector<pid_t> Service::StopWriters() {
  const auto pids = Backends("query like '%write_journey_run_session%'");
  for (const pid_t pid : pids) ::kill(pid, SIGSTOP);
  return pids;
}

void Service::Continue(const std::vector<pid_t>& pids) {
  for (const pid_t pid : pids) ::kill(pid, SIGCONT);
}

}  // namespace journeyfeed::testing
