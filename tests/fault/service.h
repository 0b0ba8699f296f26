// The service as people run it, with its private PostgreSQL, to be killed in every part.
#pragma once

#include <grpcpp/grpcpp.h>
#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/server_process.h"

namespace journeyfeed::testing {

// Make, kill and destroy it on one thread; channel() is for all.
class Service {
 public:
  explicit Service(std::vector<std::string> flags = {});
  ~Service();

  std::shared_ptr<grpc::Channel> channel() const;
  const std::string& database_url() const { return database_url_; }

  // kill -9 of the server; another one takes over its PostgreSQL.
  void KillServer();
  // Each of the next three waits until there is something to kill; whether there was.
  // kill -9 of PostgreSQL's main process; the server brings it back.
  [[nodiscard]] bool KillPostmaster();
  // kill -9 of one session that writes: PostgreSQL throws all others out and recovers.
  [[nodiscard]] bool KillBackend(unsigned choice);
  // As an administrator ends a session.
  [[nodiscard]] bool TerminateBackends();
  // SIGSTOP and SIGCONT for the sessions that write.
  std::vector<pid_t> StopWriters();
  static void Continue(const std::vector<pid_t>& pids);

  std::string log() const { return server_->log(); }

 private:
  void StartServer();
  pid_t Postmaster() const;
  // The answer of the database; "" while it cannot be reached.
  std::string Ask(const std::string& sql) const;
  std::vector<pid_t> Backends(const std::string& condition) const;

  TempDir directory_;
  const std::vector<std::string> flags_;
  std::string database_url_;
  std::optional<ServerProcess> server_;
  mutable std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;  // guarded by mutex_
};

}  // namespace journeyfeed::testing
