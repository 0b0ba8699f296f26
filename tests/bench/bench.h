// What the benchmarks share: medians, ready servers, and writes as a server's writer makes them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection.h"
#include "storage/store.h"

namespace journeyfeed::bench {

[[noreturn]] void Die(const std::string& what);

double Median(std::vector<double> values);

// Waits until the server at `address` answers a read; its own connection.
std::shared_ptr<grpc::Channel> ReadyChannel(const std::string& address);

// A session as a server's writer has it.
std::unique_ptr<postgres::Connection> OpenWriter(const std::string& url);

// A Create of one session row per id, with `text` in its text columns.
WriteCall CreateSessions(int rows, const std::string& text);

// Executes the calls as one batch; ends the program when one fails.
void ExecuteDirectly(postgres::Connection& connection, const std::vector<WriteCall>& calls);

}  // namespace journeyfeed::bench
