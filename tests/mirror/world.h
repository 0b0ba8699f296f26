// A server over a database, which can be killed and keeps its address, and random writes to it.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "tests/integration/service.h"

namespace journeyfeed::testing {

// Make, kill and destroy it on one thread. Sessions have few ids, so that they are replaced, deleted and made again.
class World {
 public:
  World();

  const std::string& address() const { return address_; }
  const std::string& database_url() const { return database_url_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Kills the server with SIGKILL and starts another one.
  void KillServer();
  // Makes so many further sessions of `bytes` each.
  void MakeSessions(int count, std::size_t bytes);
  // Makes one random write. Returns whether the service took it.
  bool Write(std::mt19937& random);
  // Does what rotation does a week later: older tokens are expired.
  void ForgetLog();

 private:
  void StartServer();

  TempDir directory_;
  const std::string address_ = "unix:" + (directory_ / "socket").string();
  const std::string database_url_;
  std::optional<ServerProcess> server_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// Writes all the time. Any thread.
class Writer {
 public:
  Writer(World& world, unsigned seed);
  // Ends after the write in progress.
  ~Writer() = default;
  // Waits until `more` writes were taken. Returns whether they were.
  [[nodiscard]] bool Await(int more) const;

 private:
  std::atomic<int> taken_ = 0;
  std::jthread thread_;
};

}  // namespace journeyfeed::testing
