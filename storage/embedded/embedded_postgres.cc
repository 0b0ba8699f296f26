#include "storage/embedded/embedded_postgres.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "storage/base/pause.h"
#include "storage/embedded/cluster.h"
#include "storage/embedded/process.h"

namespace journeyfeed {
namespace {

using embedded::Clock;
using embedded::Cluster;
using embedded::Process;

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr std::chrono::seconds kSteady{30};  // a postmaster that lived this long resets the pauses

}  // namespace

Result<std::unique_ptr<EmbeddedPostgres>> EmbeddedPostgres::Start(const EmbeddedSettings& settings) {
  const auto deadline = Clock::now() + settings.start_timeout;
  auto cluster = Cluster::Open(settings.data_dir, deadline, settings.log);
  if (!cluster) return std::unexpected(cluster.error());
  auto postmaster = cluster->BringUp(deadline, -1);
  if (!postmaster) return std::unexpected(postmaster.error());
  return std::unique_ptr<EmbeddedPostgres>(new EmbeddedPostgres(settings, std::move(*cluster), std::move(*postmaster)));
}

EmbeddedPostgres::EmbeddedPostgres(const EmbeddedSettings& settings, Cluster cluster, Process postmaster)
    : settings_(settings),
      wake_(::eventfd(0, EFD_CLOEXEC)),
      pid_(postmaster.pid()),
      cluster_(std::make_unique<Cluster>(std::move(cluster))),
      postmaster_(std::make_unique<Process>(std::move(postmaster))),
      watcher_([this] { Watch(); }) {}

EmbeddedPostgres::~EmbeddedPostgres() {
  if (auto stopped = Stop(); !stopped) Say(stopped.error().message);
  ::close(wake_);
}

std::string EmbeddedPostgres::connection_string() const { return cluster_->connection_string(); }

Result<void> EmbeddedPostgres::Stop() {
  if (stopped_.exchange(true)) return {};
  ::eventfd_write(wake_, 1);
  watcher_.join();
  alive_ = false;
  auto stopped = cluster_->Stop(settings_.stop_timeout);
  postmaster_->WaitForExit(Clock::now());  // reaps the child
  return stopped;
}

void EmbeddedPostgres::Watch() {
  Backoff backoff(kFirstPause, kLongestPause);
  auto up_since = Clock::now();
  while (!stopped_) {
    if (!postmaster_->WaitForExit(Clock::time_point::max(), wake_)) continue;
    alive_ = false;
    Say("PostgreSQL ended unexpectedly, process " + std::to_string(postmaster_->pid()) + "; restarting it");
    if (Clock::now() - up_since > kSteady) backoff.Reset();
    do {
      if (WokenWithin(backoff.Next())) return;
    } while (!BringBack());
    up_since = Clock::now();
  }
}

bool EmbeddedPostgres::BringBack() {
  auto postmaster = cluster_->BringUp(Clock::now() + settings_.start_timeout, wake_);
  if (!postmaster) {
    Say("PostgreSQL could not be restarted: " + postmaster.error().message);
    return false;
  }
  *postmaster_ = std::move(*postmaster);
  pid_ = postmaster_->pid();
  alive_ = true;
  Say("PostgreSQL runs again, process " + std::to_string(pid_));
  return true;
}

bool EmbeddedPostgres::WokenWithin(std::chrono::milliseconds time) const {
  pollfd woken{wake_, POLLIN, 0};
  return ::poll(&woken, 1, static_cast<int>(time.count())) > 0;
}

void EmbeddedPostgres::Say(const std::string& line) const {
  if (settings_.log) settings_.log(line);
}

}  // namespace journeyfeed
