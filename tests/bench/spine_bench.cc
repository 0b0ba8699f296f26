// Two ratios within one run, against a real server and its private PostgreSQL (durable):
//   create  one Create in flight, against an empty gRPC call plus the same write function called through libpq
//   load    the feed's initial load, against COPY ... TO STDOUT through psql
// and the server's memory after both. Medians of alternated rounds.
//   build/bin/journeyfeed-bench [rounds] [rows]
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "storage/postgres/write_batch.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed {
namespace {

namespace v1 = journeyrunsession::v1;
using Clock = std::chrono::steady_clock;
using Service = v1::JourneyRunSessionService;

constexpr int kCallsPerRound = 500;
constexpr std::size_t kSessionBytes = 200;

double Micros(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

[[noreturn]] void Die(const std::string& what) {
  std::cerr << what << '\n';
  std::exit(1);
}

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

// The session a server's writer has.
constexpr const char* kWriterOptions =
    "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c "
    "enable_mergejoin=off"
    " -c role=journeyfeed_service";

WriteCall DirectCreate(const dictionary::Entity& entity, const std::string& text) {
  WriteCall call{.entity = &entity, .rows = std::vector<WriteRow>(1)};
  WriteRow& row = call.rows[0];
  row.message = entity::v1::MESSAGE_NAME_CREATE;
  row.key.id = Uuid::MakeV7();
  row.values.resize(entity.columns.size());
  for (const char* name : {"name", "journey_run_id", "session"}) {
    const dictionary::Column& column = *entity.Find(name);
    row.values[static_cast<std::size_t>(&column - entity.columns.data())] = text;
    row.set |= column.bit();
  }
  return call;
}

void BenchCreate(const std::string& url, const std::shared_ptr<grpc::Channel>& channel, int rounds) {
  const auto& entity = dictionary::Describe(v1::JourneyRunSession::descriptor());
  auto connection = postgres::Connection::Open(url, kWriterOptions, std::chrono::seconds(5));
  if (!connection) Die(connection.error().message);
  const postgres::BatchEnvironment environment{std::chrono::seconds(10), [](const auto&, const auto&) {},
                                               [](const auto&) {}};
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
  const auto direct = [&] {
    const WriteCall call = DirectCreate(entity, text);
    if (!postgres::ExecuteBatch(**connection, entity, {&call}, environment)[0]) Die("write function");
  };
  std::vector<double> empties, directs, creates, overheads;
  for (int round = 0; round < rounds + 1; ++round) {
    const double a = Time(kCallsPerRound, empty), b = Time(kCallsPerRound, direct), c = Time(kCallsPerRound, create);
    if (round == 0) continue;  // plans, caches
    empties.push_back(a);
    directs.push_back(b);
    creates.push_back(c);
    overheads.push_back(c - a - b);
  }
  std::cout << "create: empty call " << Median(empties) << " us, write function " << Median(directs) << " us, Create "
            << Median(creates) << " us; over the sum: " << Median(overheads) << " us\n";
}

void Fill(const std::string& url, int rows) {
  const auto& entity = dictionary::Describe(v1::JourneyRunSession::descriptor());
  auto connection = postgres::Connection::Open(url, kWriterOptions, std::chrono::seconds(5));
  if (!connection) Die(connection.error().message);
  const postgres::BatchEnvironment environment{std::chrono::seconds(10), [](const auto&, const auto&) {},
                                               [](const auto&) {}};
  std::string text(kSessionBytes, 's');
  for (int done = 0; done < rows; done += 500) {
    std::vector<WriteCall> calls;
    for (int i = 0; i < 500; ++i) calls.push_back(DirectCreate(entity, "n"));
    const dictionary::Column& session = *entity.Find("session");
    std::vector<const WriteCall*> pointers;
    for (WriteCall& call : calls) {
      call.rows[0].values[static_cast<std::size_t>(&session - entity.columns.data())] = text;
      pointers.push_back(&call);
    }
    if (!postgres::ExecuteBatch(**connection, entity, pointers, environment)[0]) Die("filling");
  }
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
}  // namespace journeyfeed

int main(int argc, char** argv) {
  using namespace journeyfeed;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  const int rows = argc > 2 ? std::atoi(argv[2]) : 200000;
  testing::TestPostgres database({.durable = true});
  const std::string url = database.CreateDatabase("bench");
  testing::ServerProcess server({"--database-url", url, "--log-level", "warning"});
  auto channel = grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials());
  // Ready when the first read succeeds.
  const auto stub = Service::NewStub(channel);
  while (true) {
    grpc::ClientContext context;
    v1::RetrieveEntityChangesRequest request;
    request.set_skip_initial_load(true);
    v1::RetrieveEntityChangesResponse response;
    auto reader = stub->RetrieveEntityChanges(&context, request);
    while (reader->Read(&response)) continue;
    if (reader->Finish().ok()) break;
  }
  BenchCreate(url, channel, rounds);
  BenchLoad(url, channel, rounds, rows);
  std::cout << "server memory (RSS): " << ResidentKilobytes(server.pid()) / 1024 << " MB\n";
}
