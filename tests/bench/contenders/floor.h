// The floor: a gRPC service of the same contract that stores nothing. It sends every change to all followers in one
// shared buffer, paced like the feed. What it costs is what gRPC and the kernel cost. Without writes it is the empty
// stream service that idle followers are compared with.
#pragma once

#include <memory>
#include <string>

#include "tests/bench/contenders/child.h"
#include "tests/bench/contenders/contender.h"
#include "tests/support/files.h"

namespace journeyfeed::bench {

class Floor final : public Contender {
 public:
  // The first argument of the program that makes it serve as a floor, on the port that follows.
  static constexpr const char* kCommand = "serve-floor";

  // `program`: serves as a floor when it is told so.
  explicit Floor(std::string program);

  std::string name() const override { return "floor"; }
  http2::Address address() const override { return {"127.0.0.1", port_}; }
  pid_t server() const override { return child_->pid(); }
  http2::Call Follow(const Partition& partition) const override;
  http2::Call Write(const std::vector<std::string>& texts, const Partition& partition) override;
  void RestartServer() override;

 private:
  void Start();

  const std::string program_;
  testing::TempDir directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Child> child_;
};

// Serves on a port of 127.0.0.1 until SIGTERM. Returns the exit code.
int ServeFloor(std::uint16_t port);

}  // namespace journeyfeed::bench
