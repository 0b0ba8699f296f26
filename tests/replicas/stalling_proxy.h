// Between a server and its PostgreSQL: a relay of a Unix socket that can fall silent, as a network does that loses
// every packet, and can end all connections.
#pragma once

#include <atomic>
#include <filesystem>
#include <list>
#include <string>
#include <thread>

#include "tests/support/files.h"

namespace journeyfeed::testing {

class StallingProxy {
 public:
  // Relays to the PostgreSQL whose socket is in `target`.
  explicit StallingProxy(std::filesystem::path target);
  ~StallingProxy();
  StallingProxy(const StallingProxy&) = delete;
  StallingProxy& operator=(const StallingProxy&) = delete;

  // Where the relayed socket is: the host of a connection string.
  std::filesystem::path directory() const { return directory_.path(); }

  // Nothing passes any more and nobody is told; new connections are taken and not answered.
  void Stall() { stalled_ = true; }
  void Flow() { stalled_ = false; }
  // Ends all connections, on both sides.
  void Cut() { cut_ = true; }

 private:
  // One direction; `bytes` were read and not yet written.
  struct Pipe {
    int from, to;
    std::string bytes = {};
  };
  struct Link {
    Pipe up, down;
  };

  void Run(std::stop_token stop);
  void Accept();
  // False: the connection has ended.
  static bool Move(Pipe& pipe);
  static void Close(const Link& link);

  const TempDir directory_;
  const std::filesystem::path target_;
  int listener_ = -1;
  std::list<Link> links_;  // the thread's
  std::atomic<bool> stalled_ = false, cut_ = false;
  std::jthread thread_;
};

}  // namespace journeyfeed::testing
