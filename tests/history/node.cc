#include "tests/history/node.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "storage/embedded/cluster_settings.h"
#include "storage/embedded/command.h"
#include "storage/embedded/files.h"
#include "storage/embedded/installation.h"
#include "storage/embedded/new_cluster.h"
#include "storage/embedded/postmaster.h"
#include "storage/embedded/readiness.h"
#include "storage/postgres/schema/migrator.h"
#include "tests/support/cluster_template.h"
#include "tests/support/eventually.h"
#include "tests/support/or_throw.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using embedded::Clock;

constexpr auto kLimit = std::chrono::seconds(120);

const embedded::Installation& Newest() {
  static const auto installation = OrThrow(embedded::FindInstallation(std::nullopt));
  return installation;
}

}  // namespace

Node::Source Node::Fresh() {
  return [](Node& node) { CopyClusterTemplate(node.home_, Newest()); };
}

Node::Source Node::Made() {
  return [](Node& node) { OrThrow(embedded::MakeCluster(node.home_, Newest(), Clock::now() + kLimit)); };
}

Node::Source Node::BackupOf(const Node& other, bool standby, const std::string& name) {
  return [&other, standby, name](Node& node) {
    std::vector<std::string> arguments{"--pgdata=" + node.data().string(), "--checkpoint=fast", "--no-sync",
                                       "--dbname=" + other.url("postgres") + " application_name=" + name};
    if (standby) arguments.emplace_back("--write-recovery-conf");
    node.Program("pg_basebackup", arguments);
  };
}

Node::Source Node::CopyOf(const Node& other) {
  return [&other](Node& node) { node.RunCommand({"/bin/cp", "-a", other.data().string(), node.data().string()}); };
}

Node::Node(const Source& source, std::vector<std::string> settings)
    : home_{directory_.path(), TestClusterOwner()}, settings_(std::move(settings)) {
  OrThrow(embedded::MakePrivateDirectory(home_.path, home_.owner));
  source(*this);
  OrThrow(embedded::WriteClusterSettings(home_));
  socket_directory_ = OrThrow(embedded::SocketDirectory(home_));
}

Node::~Node() {
  if (!postmaster_) return;
  postmaster_->Signal(SIGQUIT);
  if (!postmaster_->WaitForExit(Clock::now() + kLimit)) postmaster_->Signal(SIGKILL);
}

Node& Node::Start() {
  embedded::Command command{embedded::PostgresArguments(home_, socket_directory_), home_.owner};
  command.argv.insert(command.argv.begin(), Newest().postgres().string());
  command.death_signal = SIGQUIT;
  std::vector<std::string> settings{"logging_collector=off", "fsync=off", "full_page_writes=off",
                                    "wal_retrieve_retry_interval=100ms"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  for (const auto& setting : settings) command.argv.insert(command.argv.end(), {"-c", setting});
  const int log = ::open((home_.path / "log.txt").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto started = embedded::Spawn(command, log);
  ::close(log);
  postmaster_ = OrThrow(std::move(started));
  std::string problem;
  if (AwaitSession(*postmaster_, url("postgres"), Clock::now() + kLimit, -1, problem) != embedded::Readiness::kReady) {
    Kill9();
    throw std::runtime_error("PostgreSQL does not start: " + problem + this->log());
  }
  return *this;
}

void Node::Stop() {
  OrThrow(embedded::ShutDown(*postmaster_, data(), kLimit));
  postmaster_.reset();
}

void Node::Kill9() {
  if (!postmaster_) return;
  postmaster_->Signal(SIGSTOP);  // it would end the others in order
  for (const auto& process : embedded::PostgresProcessesIn(data())) {
    if (process.pid() != postmaster_->pid()) process.Signal(SIGKILL);
  }
  postmaster_->Signal(SIGKILL);
  postmaster_->WaitForExit(Clock::now() + kLimit);
  postmaster_.reset();
  OrThrow(embedded::ClearLeftovers(data(), socket_directory_));
}

void Node::Promote() {
  Program("pg_ctl", {"promote", "--wait", "--pgdata=" + data().string()});
  if (!Eventually([this] { return Query(url("postgres"), "select pg_is_in_recovery()") == "f"; }, kLimit))
    throw std::runtime_error("the standby is not promoted");
}

std::string Node::url(const std::string& database) const {
  return embedded::ConnectionString(socket_directory_, database);
}

std::string Node::log() const { return ReadFile(home_.path / "log.txt"); }

std::string Node::Program(const std::string& name, std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), (Newest().programs / name).string());
  return RunCommand(std::move(arguments));
}

std::string Node::RunCommand(std::vector<std::string> argv) const {
  const std::string program = argv.front();
  const auto outcome = OrThrow(embedded::RunCommand({std::move(argv), home_.owner}, Clock::now() + kLimit));
  if (outcome.exit_code != 0) throw std::runtime_error(program + ": " + outcome.output);
  return outcome.output;
}

std::string EitherUrl(const std::vector<const Node*>& nodes) {
  std::string hosts, ports;
  for (const Node* node : nodes) {
    hosts += (hosts.empty() ? "" : ",") + node->SocketDirectory();
    ports += (ports.empty() ? "" : ",") + std::string("5432");
  }
  return "host=" + hosts + " port=" + ports + " user=postgres dbname=feed target_session_attrs=read-write";
}

void MakeFeed(const Node& node) {
  Query(node.url("postgres"), "create database feed");
  OrThrow(postgres::Migrate(node.url(), true));
}

void AwaitCaughtUp(const Node& primary, const Node& standby) {
  const std::string written = Query(primary.url("postgres"), "select pg_current_wal_lsn()");
  const bool reached = Eventually(
      [&] {
        return Query(standby.url("postgres"), "select pg_last_wal_replay_lsn() >= '" + written + "'::pg_lsn") == "t";
      },
      kLimit);
  if (!reached) throw std::runtime_error("the standby does not catch up: " + standby.log());
}

}  // namespace journeyfeed::testing
