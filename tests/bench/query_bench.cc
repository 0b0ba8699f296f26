// RetrieveMultiple of 100-row pages by 8 clients of a server with its default settings, compared with the same keyset
// statement through libpq, prepared, on 8 connections, over a table of sessions in key order. Medians of alternated
// rounds.
//   build/bin/journeyfeed-query-bench [rounds] [rows]
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
#include "storage/postgres/connection/connection.h"
#include "storage/postgres/sql/query_sql.h"
#include "tests/bench/bench.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::bench {
namespace {

namespace v1 = journeyrunsession::v1;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kConnections = 8;
constexpr std::int32_t kPageRows = 100;
constexpr auto kRound = 2s;

// Pages per second of all threads together. Each thread makes a reader, which reads one page per call.
double Rate(const std::function<std::function<void()>()>& make_reader) {
  std::atomic<std::int64_t> pages = 0;
  std::atomic<bool> stop = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kConnections; ++i) {
      threads.emplace_back([&, read = make_reader()] {
        for (; !stop; ++pages) read();
      });
    }
    std::this_thread::sleep_for(kRound);  // the measured time
    stop = true;
  }
  return static_cast<double>(pages) / std::chrono::duration<double>(kRound).count();
}

// Its pages start again at the end of the table.
std::function<void()> ServiceReader(const std::string& address) {
  const std::shared_ptr stub = v1::JourneyRunSessionService::NewStub(ReadyChannel(address));
  auto request = std::make_shared<v1::RetrieveMultipleRequest>();
  request->set_page_size(kPageRows);
  return [stub, request] {
    grpc::ClientContext context;
    v1::RetrieveMultipleResponse response;
    if (const auto status = stub->RetrieveMultiple(&context, *request, &response); !status.ok())
      Die(status.error_message());
    request->set_page_token(response.next_page_token());
  };
}

std::function<void()> DirectReader(const std::string& url) {
  auto opened = postgres::Connection::Open(
      url, "-c jit=off -c role=journeyfeed_service -c plan_cache_mode=force_generic_plan", 5s);
  if (!opened) Die(opened.error().message);
  const std::shared_ptr<postgres::Connection> connection = *std::move(opened);
  auto query = std::make_shared<Query>();
  query->entity = dictionary::AllEntities().front();
  query->page_size = kPageRows;
  return [connection, query] {
    const auto compiled = postgres::CompilePage(*query);
    const auto result = connection->Execute({query->after ? "next" : "first", compiled.text}, compiled.params,
                                            postgres::ResultFormat::kBinary, 10s);
    if (!result) Die(result.error().message);
    query->after.reset();
    if (PQntuples(result->get()) <= kPageRows) return;
    std::vector<std::optional<std::string>> values;
    for (int column = PQnfields(result->get()) - 2; column < PQnfields(result->get()); ++column) {
      values.emplace_back(postgres::Row(result->get(), kPageRows - 1).Bytes(column));
    }
    query->after = PagePosition{.as_of = {}, .values = std::move(values)};
  };
}

}  // namespace
}  // namespace journeyfeed::bench

int main(int argc, char** argv) {
  using namespace journeyfeed;
  using namespace journeyfeed::bench;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const int rows = argc > 2 ? std::atoi(argv[2]) : 50'000;
  testing::TestPostgres database;
  const std::string url = database.CreateDatabase("bench");
  testing::ServerProcess server({"--database-url", url, "--log-level", "warning"});
  ReadyChannel(server.address());
  testing::Query(
      url,
      "begin; set local journeyfeed.writing = 'on'; insert into journeyfeed.journey_run_session (id, version_number,"
      " created_on, modified_on, created_by, modified_by, name, journey_run_id, session) select md5(i::text)::uuid, i,"
      " now(), now(), md5('u')::uuid, md5('u')::uuid, 'Session ' || i, 'Trial ' || (i % 100), repeat('s', 200)"
      " from generate_series(1, " +
          std::to_string(rows) + ") i; commit");
  testing::Query(url, "vacuum analyze journeyfeed.journey_run_session");
  std::vector<double> direct, service, ratios;
  for (int round = 0; round < rounds + 1; ++round) {
    const double a = Rate([&] { return DirectReader(url); }), b = Rate([&] { return ServiceReader(server.address()); });
    if (round == 0) continue;  // warms caches
    direct.push_back(a);
    service.push_back(b);
    ratios.push_back(b / a);
  }
  std::cout << "pages of " << kPageRows << ": libpq " << Median(direct) << "/s, RetrieveMultiple " << Median(service)
            << "/s, ratio " << Median(ratios) << '\n';
}
