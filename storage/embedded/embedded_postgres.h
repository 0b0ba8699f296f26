// The private PostgreSQL of `--data-dir`. The first start makes it; only this machine can reach it; it is kept running,
// and the next server finds it again if this one is killed.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "storage/failure.h"

namespace journeyfeed {

namespace embedded {
class Cluster;
class Process;
}  // namespace embedded

struct EmbeddedSettings {
  std::string data_dir;
  std::chrono::milliseconds start_timeout = std::chrono::seconds(60);  // including initdb and recovery
  std::chrono::milliseconds stop_timeout =
      std::chrono::seconds(20);  // for the orderly stop; the hard one adds at most 10 s
  // Gets one line for people whenever something happens to the cluster. Called by Start and later by a thread of this
  // object, one call at a time; must not call back. May be empty.
  std::function<void(std::string_view)> log = {};
};

// Thread-safe. If the process dies without Stop, PostgreSQL keeps running and the next Start takes it over.
class EmbeddedPostgres {
 public:
  // Returns when PostgreSQL accepts connections. One server per data directory: a second one is refused while the first
  // one lives. INVALID_ARGUMENT: an operator must act first. SERVICE_UNAVAILABLE: another attempt may succeed. The
  // messages name paths and are only for the operator.
  static Result<std::unique_ptr<EmbeddedPostgres>> Start(const EmbeddedSettings& settings);

  // Like Stop.
  ~EmbeddedPostgres();
  EmbeddedPostgres(const EmbeddedPostgres&) = delete;
  EmbeddedPostgres& operator=(const EmbeddedPostgres&) = delete;

  // For libpq: superuser `postgres`, database `journeyfeed`. Constant for the life of this object, across restarts.
  std::string connection_string() const;

  // The process id of the postmaster; it changes at each restart.
  pid_t pid() const { return pid_; }

  // False from the moment the end of the postmaster is noticed until a new one accepts connections, and after Stop.
  bool Alive() const { return alive_; }

  // Ends PostgreSQL and everything that it started: orderly, then hard. A second call does nothing.
  Result<void> Stop();

 private:
  EmbeddedPostgres(const EmbeddedSettings& settings, embedded::Cluster cluster, embedded::Process postmaster);

  void Watch();  // runs on watcher_
  bool BringBack();
  bool WokenWithin(std::chrono::milliseconds time) const;
  void Say(const std::string& line) const;

  const EmbeddedSettings settings_;
  const int wake_;  // an eventfd; readable from Stop on
  std::atomic<pid_t> pid_;
  std::atomic<bool> alive_ = true;
  std::atomic<bool> stopped_ = false;
  // Used only by the watcher until it is joined.
  std::unique_ptr<embedded::Cluster> cluster_;
  std::unique_ptr<embedded::Process> postmaster_;
  std::thread watcher_;  // joined by Stop
};

}  // namespace journeyfeed
