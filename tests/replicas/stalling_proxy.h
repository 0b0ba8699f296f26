// A relay of a Unix socket between a server and its PostgreSQL. It can fall silent, like a network that loses every
// packet, on all connections or on one for good, and it can end all connections.
#pragma once

#include <atomic>
#include <filesystem>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/files.h"

namespace journeyfeed::testing {

// The host in a connection string of TestPostgres and similar classes.
std::string SocketDirectoryOf(const std::string& url);

class StallingProxy {
 public:
  // Relays to the PostgreSQL whose socket is in `target`.
  explicit StallingProxy(std::filesystem::path target);
  ~StallingProxy();
  StallingProxy(const StallingProxy&) = delete;
  StallingProxy& operator=(const StallingProxy&) = delete;

  // The directory of the relayed socket: the host of a connection string.
  std::filesystem::path directory() const { return directory_.path(); }
  // The connection string `url` of the PostgreSQL, through this relay.
  std::string Url(const std::string& url) const;

  // From now on nothing passes, without notice; new connections are accepted and not answered.
  void Stall() { stalled_ = true; }
  void Flow() { stalled_ = false; }
  // Ends all connections, on both sides.
  void Cut() { cut_ = true; }

  // The next connection whose client sends `text` passes nothing from then on, without notice; all others continue. The
  // text itself is not passed on either.
  void SilenceOneThatSays(std::string text);
  int silenced() const { return silenced_; }  // connections so far
  int accepted() const { return accepted_; }

 private:
  // One direction. `bytes` were read and are not written yet.
  struct Pipe {
    int from, to;
    std::string bytes = {};
  };
  struct Link {
    Pipe up, down;
    bool silent = false;
  };

  void ForwardAll(std::stop_token stop);
  void Accept();
  // Returns false if the connection has ended.
  bool Move(Link& link);
  static bool Pull(Pipe& pipe);
  static bool Push(Pipe& pipe);
  bool SaysIt(const Link& link);
  static void Close(const Link& link);

  const TempDir directory_;
  const std::filesystem::path target_;
  int listener_ = -1;
  std::list<Link> links_;  // used only by the thread
  std::atomic<bool> stalled_ = false, cut_ = false;
  std::mutex mutex_;
  std::string silencing_;  // guarded by mutex_; empty: none
  std::atomic<int> silenced_ = 0, accepted_ = 0;
  std::jthread thread_;
};

}  // namespace journeyfeed::testing
