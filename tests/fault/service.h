// The service with its private PostgreSQL, in the usual configuration; every part can be killed.
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

// Make, kill and destroy it on one thread; any thread may use channel().
class Service {
 public:
  explicit Service(std::vector<std::string> flags = {});
  ~Service();

  std::shared_ptr<grpc::Channel> channel() const;
  const std::string& database_url() const { return database_url_; }

  // Kills the server with SIGKILL; another one takes over its PostgreSQL.
  void KillServer();
  // Each of the next three waits until there is something to kill. Returns whether there was.
  // Kills PostgreSQL's main process with SIGKILL; the server restarts it.
  [[nodiscard]] bool KillPostmaster();
  // Kills one backend that writes with SIGKILL: PostgreSQL ends all other connections and recovers.
  [[nodiscard]] bool KillBackend(unsigned choice);
  // Ends backends like an administrator.
  [[nodiscard]] bool TerminateBackends();
  // Sends SIGSTOP and SIGCONT to the backends that write.
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
