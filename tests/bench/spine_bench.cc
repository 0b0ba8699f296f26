// Two ratios within one run, against a real server and its private PostgreSQL (durable):
//   create  one Create in flight, against an empty gRPC call plus the same write function called through libpq
//   load    the feed's initial load, against COPY ... TO STDOUT through psql
// and the server's memory after both. Medians of alternated rounds.
//   build/bin/journeyfeed-bench [rounds] [rows] [nofsync: without the disk, whose noise can hide the rest]
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/bench/bench.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::bench {
namespace {

namespace v1 = journeyrunsession::v1;
using Clock = std::chrono::steady_clock;
using Service = v1::JourneyRunSessionService;

constexpr int kCallsPerRound = 500;
constexpr std::size_t kSessionBytes = 200;

double Micros(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

// Median time of one of `count` calls.
template <typename Call>
double Time(int count, Call call) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto start = Clock::now();
    call();
    times.push_back(Micros(Clock::now() - start));
  }
  return Median(std::move(times));
}

long ResidentKilobytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

void BenchCreate(const std::string& url, const std::shared_ptr<grpc::Channel>& channel, int rounds) {
  const auto connection = OpenWriter(url);
  const auto sessions = Service::NewStub(channel);
  const auto health = grpc::health::v1::Health::NewStub(channel);
  const std::string text(50, 'x');
  v1::CreateRequest request;
  request.mutable_target()->set_name(text);
  request.mutable_target()->set_journey_run_id(text);
  request.mutable_target()->set_session(text);
  const auto empty = [&] {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckResponse response;
    if (!health->Check(&context, {}, &response).ok()) Die("health");
  };
  const auto create = [&] {
    grpc::ClientContext context;
    v1::CreateResponse response;
    if (const auto status = sessions->Create(&context, request, &response); !status.ok()) Die(status.error_message());
  };
  const auto direct = [&] { ExecuteDirectly(*connection, {CreateSessions(1, text)}); };
  std::vector<double> empties, directs, creates, overheads;
  for (int round = 0; round < rounds + 1; ++round) {
    const double a = Time(kCallsPerRound, empty), b = Time(kCallsPerRound, direct), c = Time(kCallsPerRound, create);
    if (round == 0) continue;  // warms plans and caches
    empties.push_back(a);
    directs.push_back(b);
    creates.push_back(c);
    overheads.push_back(c - a - b);
  }
  std::cout << "create: empty call " << Median(empties) << " us, write function " << Median(directs) << " us, Create "
            << Median(creates) << " us; over the sum: " << Median(overheads) << " us\n";
}

void Fill(const std::string& url, int rows) {
  const auto connection = OpenWriter(url);
  const std::string text(kSessionBytes / 3, 's');
  for (int done = 0; done < rows; done += 500) ExecuteDirectly(*connection, {CreateSessions(500, text)});
}

double LoadSeconds(Service::Stub& stub, std::int64_t& rows) {
  const auto start = Clock::now();
  grpc::ClientContext context;
  v1::RetrieveEntityChangesRequest request;
  auto reader = stub.RetrieveEntityChanges(&context, request);
  v1::RetrieveEntityChangesResponse response;
  rows = 0;
  while (reader->Read(&response)) rows += response.changes_size();
  if (const auto status = reader->Finish(); !status.ok()) Die(status.error_message());
  return Micros(Clock::now() - start) / 1e6;
}

double CopySeconds(const std::string& url) {
  const auto start = Clock::now();
  const std::string command =
      "psql -q -d '" + url + "' -c 'copy journeyfeed.journey_run_session to stdout' > /dev/null";
  if (std::system(command.c_str()) != 0) Die("psql");
  return Micros(Clock::now() - start) / 1e6;
}

void BenchLoad(const std::string& url, const std::shared_ptr<grpc::Channel>& channel, int rounds, int rows) {
  Fill(url, rows);
  testing::Query(url, "vacuum analyze journeyfeed.journey_run_session");
  const auto stub = Service::NewStub(channel);
  std::vector<double> feeds, copies, ratios;
  std::int64_t loaded = 0;
  for (int round = 0; round < rounds + 1; ++round) {
    const double copy = CopySeconds(url), feed = LoadSeconds(*stub, loaded);
    if (round == 0) continue;
    copies.push_back(copy);
    feeds.push_back(feed);
    ratios.push_back(copy / feed);
  }
  std::cout << "load: " << loaded << " rows; COPY " << Median(copies) << " s, feed " << Median(feeds) << " s ("
            << static_cast<std::int64_t>(static_cast<double>(loaded) / Median(feeds))
            << " rows/s); feed/COPY in rows/s: " << Median(ratios) << '\n';
}

}  // namespace
}  // namespace journeyfeed::bench

int main(int argc, char** argv) {
  using namespace journeyfeed;
  using namespace journeyfeed::bench;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  const int rows = argc > 2 ? std::atoi(argv[2]) : 200000;
  testing::TestPostgres database({.durable = argc < 4});
  const std::string url = database.CreateDatabase("bench");
  testing::ServerProcess server({"--database-url", url, "--log-level", "warning"});
  const auto channel = ReadyChannel(server.address());
  BenchCreate(url, channel, rounds);
  BenchLoad(url, channel, rounds, rows);
  std::cout << "server memory (RSS): " << ResidentKilobytes(server.pid()) / 1024 << " MB\n";
}
