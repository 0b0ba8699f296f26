// What the tests of one binary share: a PostgreSQL, a database, one server over it. Started by the first that asks,
// ended with the last test. Tests work on records of their own and so do not meet.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {

// Times out rather than hangs.
inline constexpr auto kCallLimit = std::chrono::seconds(60);

// A channel that shares no connection with others. Messages of any size.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

// A server over a database. Precondition of the constructor: the database can be reached; it returns when the server is
// ready.
class TestServer {
 public:
  explicit TestServer(const std::string& database_url, std::vector<std::string> more = {});

  ServerProcess& process() { return process_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  ServerProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Whether the health service calls `service` SERVING ("" means all of it).
bool IsServing(const std::shared_ptr<grpc::Channel>& channel, const std::string& service = "");

struct Shared {
  TestPostgres postgres;
  std::string database_url = postgres.CreateDatabase("shared");
  TestServer server{database_url, {"--sweep-interval", "0s"}};  // so that expired rows can be met
};

Shared& TheService();

// What a refused call must not move: rows, log rows and numbers drawn, of both entities.
std::string StateOf(const std::string& database_url);

}  // namespace journeyfeed::testing
