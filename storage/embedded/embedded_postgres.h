// The private PostgreSQL of `--data-dir`: made on the first start, reached by this machine only, kept running, and
// found again by the next server when this one is killed.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "storage/status.h"

namespace journeyfeed {

namespace embedded {
class Cluster;
class Process;
}  // namespace embedded

struct EmbeddedSettings {
  std::string data_dir;
  std::chrono::milliseconds start_timeout = std::chrono::seconds(60);  // initdb and recovery included
  std::chrono::milliseconds stop_timeout =
      std::chrono::seconds(20);  // of the orderly stop; the hard one adds at most 10 s
  // Takes one line for people whenever something happens to the cluster. Called by Start and later by a thread of this
  // object, one call at a time; must not call back. May be empty.
  std::function<void(std::string_view)> log = {};
};

// Thread-safe. When the process dies without Stop, PostgreSQL goes on running and the next Start takes it over.
class EmbeddedPostgres {
 public:
  // Returns when sessions are let in. One server per data directory: a second one is refused while the first one lives.
  // Reason INVALID_ARGUMENT: somebody has to act first; SERVICE_UNAVAILABLE: another attempt may succeed. The messages
  // name paths: for the operator only.
  static Result<std::unique_ptr<EmbeddedPostgres>> Start(const EmbeddedSettings& settings);

  // As Stop.
  ~EmbeddedPostgres();
  EmbeddedPostgres(const EmbeddedPostgres&) = delete;
  EmbeddedPostgres& operator=(const EmbeddedPostgres&) = delete;

  // For libpq: superuser `postgres`, database `journeyfeed`. The same for the life of this object and across restarts.
  std::string connection_string() const;

  // Of the postmaster; another one after each restart.
  pid_t pid() const { return pid_; }

  // False from the moment the postmaster's end was noticed until a new one lets sessions in, and after Stop.
  bool Alive() const { return alive_; }

  // Ends PostgreSQL and everything it started: orderly, then hard. The second call does nothing.
  Result<void> Stop();

 private:
  EmbeddedPostgres(const EmbeddedSettings& settings, embedded::Cluster cluster, embedded::Process postmaster);

  void Watch();  // the body of watcher_
  bool BringBack();
  bool WokenWithin(std::chrono::milliseconds time) const;
  void Say(const std::string& line) const;

  const EmbeddedSettings settings_;
  const int wake_;  // an eventfd; readable from the moment of Stop
  std::atomic<pid_t> pid_;
  std::atomic<bool> alive_ = true;
  std::atomic<bool> stopped_ = false;
  // The watcher's alone until it is joined.
  std::unique_ptr<embedded::Cluster> cluster_;
  std::unique_ptr<embedded::Process> postmaster_;
  std::thread watcher_;  // joined by Stop
};

}  // namespace journeyfeed
