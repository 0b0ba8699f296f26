// Runs the real journeyfeed-server as a process, on free ports.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "storage/embedded/process.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {

// All failures throw std::runtime_error with the end of the server's log. The server is told to drain when the thread
// that started it ends, so start it from a thread that lives as long as the test. One thread at a time.
class ServerProcess {
 public:
  // Starts the server with `arguments` (for example {"--database-url", url}) besides the addresses and the port file,
  // and waits until it has written that file. `binary` is the program, for example of another version; empty: the
  // build's own, or the one that SERVER_UNDER_TEST names.
  explicit ServerProcess(std::vector<std::string> arguments,
                         std::chrono::milliseconds limit = std::chrono::seconds(120), const std::string& binary = "");
  // Terminates the server, and kills it if it does not end.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& address() const { return address_; }                  // host:port of gRPC
  const std::string& metrics_address() const { return metrics_address_; }  // host:port of /metrics
  pid_t pid() const { return pid_; }

  bool Alive() const;
  // Returns when the server is gone. What it started continues: a private PostgreSQL waits for the next server.
  void Kill9();
  // Sends SIGTERM. Returns the exit code, or 128 + signal.
  int Terminate(std::chrono::milliseconds limit = std::chrono::seconds(60));
  // Returns the exit code of a server that ends by itself.
  int Wait(std::chrono::milliseconds limit = std::chrono::seconds(60));

  std::string log() const;  // everything that it printed

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
