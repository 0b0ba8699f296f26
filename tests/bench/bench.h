// Shared by the benchmarks: ready servers, and writes like those of a server's writer.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection/connection.h"
#include "storage/store.h"
#include "tests/bench/measure/statistics.h"

namespace journeyfeed::bench {

[[noreturn]] void Die(const std::string& what);

// Waits until the server at `address` answers a read. Returns a separate connection.
std::shared_ptr<grpc::Channel> ReadyChannel(const std::string& address);

// A connection with the options of a server's writer.
std::unique_ptr<postgres::Connection> OpenWriter(const std::string& url);

// A Create of one session row per id, with `text` in its text columns.
WriteRequest CreateSessions(int rows, const std::string& text);

// Executes the calls as one batch. Ends the program if one fails.
void ExecuteDirectly(postgres::Connection& connection, const std::vector<WriteRequest>& calls);

}  // namespace journeyfeed::bench
