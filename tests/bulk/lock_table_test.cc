// Three servers whose write connections all run full batches, over a database with a small lock table: no statement
// gets "out of shared memory".
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/bulk/deletions.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kServers = 3;
constexpr int kConnections = 16;
constexpr int kRows = 400;

TEST(LockTable, FullBatchesOfAllConnectionsFit) {
  TestPostgres postgres({.settings = {"max_connections=100", "max_locks_per_transaction=50"}});
  const std::string url = postgres.CreateDatabase("locks");
  std::vector<std::unique_ptr<TestServer>> servers;
  for (int i = 0; i < kServers; ++i) {
    servers.push_back(std::make_unique<TestServer>(
        url, std::vector<std::string>{"--write-connections", std::to_string(kConnections), "--read-connections", "1",
                                      "--query-connections", "1", "--expected-replicas", std::to_string(kServers)}));
  }
  std::vector<std::jthread> callers;
  std::atomic<int> refused = 0;
  auto held = std::make_unique<HeldWrites>(url);
  for (int i = 0; i < kServers * kConnections; ++i) {
    callers.emplace_back([&, i] {
      SessionClient client(servers[static_cast<std::size_t>(i % kServers)]->channel());
      auto request = CreateMany<OfSessions>(kRows, "n" + std::to_string(i));
      for (auto& target : *request.mutable_targets()) target.set_id(NewId());
      const bool done = Eventually(
          [&] {
            const auto created = client.Send(&sessions::JourneyRunSessionService::Stub::CreateMultiple, request);
            // A caller that waited too long for a share tries again.
            if (created.ending.code == grpc::StatusCode::RESOURCE_EXHAUSTED) ++refused;
            return created.ok();
          },
          std::chrono::seconds(60));
      EXPECT_TRUE(done);
    });
  }
  // Batches of every server are held between their key locks and their commit; the others wait behind them.
  EXPECT_TRUE(held->AwaitWaiting(2 * kServers));
  EXPECT_LT(std::stoi(Query(url, "select count(*) from pg_locks where locktype = 'advisory' and granted")),
            kServers * kConnections * kRows / 2);
  held->Release();
  callers.clear();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(Query(url, "select count(*) from journeyfeed.journey_run_session"),
            std::to_string(kServers * kConnections * kRows));
  EXPECT_THAT(postgres.log(), Not(HasSubstr("out of shared memory")));
}

TEST(LockTable, OneThatIsTooSmallIsRefusedWithTheFigureThatIsNeeded) {
  TestPostgres postgres({.settings = {"max_connections=20", "max_locks_per_transaction=50"}});
  ServerProcess server({"--database-url", postgres.CreateDatabase("locks"), "--expected-replicas", "4"});
  EXPECT_EQ(server.Wait(), 1);
  EXPECT_THAT(server.log(), HasSubstr("4 servers need 5965"));
}

}  // namespace
}  // namespace journeyfeed::testing
