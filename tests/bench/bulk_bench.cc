// CreateMultiple of 100 sessions with 8 calls in flight, compared with calling the write function with batches of 100
// rows through libpq on 8 connections; durable. Medians of alternated rounds.
//   build/bin/journeyfeed-bulk-bench [rounds] [nofsync: without the disk, whose noise can hide the rest]
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/bench/bench.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::bench {
namespace {

namespace v1 = journeyrunsession::v1;
using namespace std::chrono_literals;

constexpr int kInFlight = 8;
constexpr int kRows = 100;
constexpr auto kRound = 3s;

// Rows per second of all threads together. Each thread makes a writer, which writes kRows per call.
double Rate(const std::function<std::function<void()>()>& make_writer) {
  std::atomic<std::int64_t> rows = 0;
  std::atomic<bool> stop = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kInFlight; ++i) {
      threads.emplace_back([&, write = make_writer()] {
        for (; !stop; rows += kRows) write();
      });
    }
    std::this_thread::sleep_for(kRound);  // the measured time
    stop = true;
  }
  return static_cast<double>(rows) / std::chrono::duration<double>(kRound).count();
}

std::function<void()> ServiceWriter(const std::string& address, const std::string& text) {
  const std::shared_ptr stub = v1::JourneyRunSessionService::NewStub(ReadyChannel(address));
  v1::CreateMultipleRequest request;
  for (int i = 0; i < kRows; ++i) {
    auto& target = *request.add_targets();
    target.set_name(text);
    target.set_journey_run_id(text);
    target.set_session(text);
  }
  return [stub, request] {
    grpc::ClientContext context;
    v1::CreateMultipleResponse response;
    const auto status = stub->CreateMultiple(&context, request, &response);
    if (!status.ok() || response.failed_count() > 0) Die("CreateMultiple: " + status.error_message());
  };
}

std::function<void()> DirectWriter(const std::string& url, const std::string& text) {
  const std::shared_ptr<postgres::Connection> connection = OpenWriter(url);
  return [connection, text] { ExecuteDirectly(*connection, {CreateSessions(kRows, text)}); };
}

}  // namespace
}  // namespace journeyfeed::bench

int main(int argc, char** argv) {
  using namespace journeyfeed;
  using namespace journeyfeed::bench;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  testing::TestPostgres database({.durable = argc < 3});
  const std::string url = database.CreateDatabase("bench");
  testing::ServerProcess server({"--database-url", url, "--log-level", "warning"});
  ReadyChannel(server.address());  // migrated
  const std::string text(60, 'x');
  std::vector<double> direct, service, ratios;
  for (int round = 0; round < rounds + 1; ++round) {
    const double a = Rate([&] { return DirectWriter(url, text); });
    const double b = Rate([&] { return ServiceWriter(server.address(), text); });
    if (round == 0) continue;  // warms plans and caches
    direct.push_back(a);
    service.push_back(b);
    ratios.push_back(b / a);
  }
  std::cout << "batches of " << kRows << " rows, " << kInFlight << " in flight: libpq " << Median(direct)
            << " rows/s, CreateMultiple " << Median(service) << " rows/s, ratio " << Median(ratios) << '\n';
}
