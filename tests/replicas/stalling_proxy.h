// Between a server and its PostgreSQL: a relay of a Unix socket that can fall silent, as a network does that loses
// every packet, on all connections or on one for good, and can end all connections.
#pragma once

#include <atomic>
#include <filesystem>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/files.h"

namespace journeyfeed::testing {

// The host of a connection string of TestPostgres and the like.
std::string SocketDirectoryOf(const std::string& url);

class StallingProxy {
 public:
  // Relays to the PostgreSQL whose socket is in `target`.
  explicit StallingProxy(std::filesystem::path target);
  ~StallingProxy();
  StallingProxy(const StallingProxy&) = delete;
  StallingProxy& operator=(const StallingProxy&) = delete;

  // Where the relayed socket is: the host of a connection string.
  std::filesystem::path directory() const { return directory_.path(); }
  // The connection string `url` of the PostgreSQL, by way of this relay.
  std::string Url(const std::string& url) const;

  // Nothing passes any more and nobody is told; new connections are taken and not answered.
  void Stall() { stalled_ = true; }
  void Flow() { stalled_ = false; }
  // Ends all connections, on both sides.
  void Cut() { cut_ = true; }

  // The next connection whose client says `text` passes nothing any more, for good, and nobody is told; all others
  // flow. What was said is not passed on either.
  void SilenceOneThatSays(std::string text);
  int silenced() const { return silenced_; }  // connections, so far
  int accepted() const { return accepted_; }

 private:
  // One direction; `bytes` were read and not yet written.
  struct Pipe {
    int from, to;
    std::string bytes = {};
  };
  struct Link {
    Pipe up, down;
    bool silent = false;
  };

  void Run(std::stop_token stop);
  void Accept();
  // False: the connection has ended.
  bool Move(Link& link);
  static bool Pull(Pipe& pipe);
  static bool Push(Pipe& pipe);
  bool SaysIt(const Link& link);
  static void Close(const Link& link);

  const TempDir directory_;
  const std::filesystem::path target_;
  int listener_ = -1;
  std::list<Link> links_;  // the thread's
  std::atomic<bool> stalled_ = false, cut_ = false;
  std::mutex mutex_;
  std::string silencing_;  // guarded by mutex_; empty: nothing
  std::atomic<int> silenced_ = 0, accepted_ = 0;
  std::jthread thread_;
};

}  // namespace journeyfeed::testing
