// What the tests of one binary share: a PostgreSQL, a database, and one server over it. The first test that needs it
// starts it; it ends with the last test. Each test uses different records, so tests do not affect each other.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {

// A test times out instead of hanging.
inline constexpr auto kCallLimit = std::chrono::seconds(60);

// A channel that shares its connection with no other one. Accepts messages of any size.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

// A server over a database. The database must be reachable; the constructor returns when the server is ready.
class TestServer {
 public:
  explicit TestServer(const std::string& database_url, std::vector<std::string> more = {},
                      const std::string& binary = "");

  ServerProcess& process() { return process_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  ServerProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Whether the health service reports `service` as SERVING ("" means all).
bool IsServing(const std::shared_ptr<grpc::Channel>& channel, const std::string& service = "");

struct Shared {
  TestPostgres postgres;
  std::string database_url = postgres.CreateDatabase("shared");
  TestServer server{database_url, {"--sweep-interval", "0s"}};  // so that tests can find expired rows
};

Shared& TheService();

// The state that a refused call must not change: rows, log rows and drawn numbers of both entities.
std::string StateOf(const std::string& database_url);

}  // namespace journeyfeed::testing
