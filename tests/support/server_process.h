// The real journeyfeed-server as a process of its own, on free ports.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "storage/embedded/process.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {

// Everything fails with std::runtime_error that holds the end of the server's log. The server is told to drain when the
// thread that started it ends, so make it in one that lives as long as the test. One thread at a time.
class ServerProcess {
 public:
  // Starts it with `arguments` (say {"--database-url", url}) beside the addresses and the port file, and waits until it
  // has written that file. The binary is `binary`, say one of another version; when empty the build's own, or the one
  // that SERVER_UNDER_TEST names.
  explicit ServerProcess(std::vector<std::string> arguments,
                         std::chrono::milliseconds limit = std::chrono::seconds(120), const std::string& binary = "");
  // Terminate; a server that does not end by itself is killed.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& address() const { return address_; }                  // host:port of gRPC
  const std::string& metrics_address() const { return metrics_address_; }  // host:port of /metrics
  pid_t pid() const { return pid_; }

  bool Alive() const;
  // Returns when it has gone. Whatever it started goes on: a private PostgreSQL waits for the next server.
  void Kill9();
  // SIGTERM; its exit code, 128 + signal when a signal ended it.
  int Terminate(std::chrono::milliseconds limit = std::chrono::seconds(60));
  // The exit code of a server that ends by itself.
  int Wait(std::chrono::milliseconds limit = std::chrono::seconds(60));

  std::string log() const;  // all it has printed

 private:
  void AwaitPortFile(std::chrono::milliseconds limit);
  [[noreturn]] void Fail(const std::string& what) const;

  TempDir directory_;
  std::optional<embedded::Process> process_;
  pid_t pid_ = 0;
  std::string address_;
  std::string metrics_address_;
};

}  // namespace journeyfeed::testing
