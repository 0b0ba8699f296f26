// One server of several. It keeps its address across restarts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/history/clients.h"
#include "tests/history/node.h"
#include "tests/support/server_process.h"

namespace journeyfeed::testing {

class Replica {
 public:
  explicit Replica(std::vector<std::string> arguments);

  const std::string& address() const { return address_; }
  ServerProcess& process() { return *process_; }
  // Sends SIGTERM, then starts another server at the same address and waits until it is ready. Returns the exit code.
  int Restart();
  void KillAndRestart();
  double Metric(const std::string& name) const;

 private:
  void Start();
  const std::vector<std::string> arguments_;
  std::string address_ = "127.0.0.1:0";
  std::optional<ServerProcess> process_;
};

std::vector<std::string> AddressesOf(const std::vector<std::unique_ptr<Replica>>& replicas);

// A client of one replica.
class OneClient {
 public:
  explicit OneClient(const std::string& address);
  // The version of the response, or the error.
  grpc::Status Upsert(int key, const std::string& name);
  // With the session token of the last Upsert of `writer`, or without.
  grpc::Status Retrieve(int key, const std::string& session_token, std::chrono::milliseconds limit);
  // The same over the feed: `name` is what an initial load shows.
  grpc::Status Load(int key, const std::string& session_token, std::chrono::milliseconds limit);

  std::int64_t version = 0;  // of the last Upsert
  std::string session_token;
  std::string name;  // of the last Retrieve
  journeyrunsession::v1::JourneyRunSessionService::Stub& stub() { return *stub_; }

 private:
  std::unique_ptr<journeyrunsession::v1::JourneyRunSessionService::Stub> stub_;
};

}  // namespace journeyfeed::testing
