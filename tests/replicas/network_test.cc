// The network between a replica and the database falls silent, or ends connections, while another replica works.
#include <gmock/gmock.h>

#include "tests/replicas/replica.h"
#include "tests/replicas/stalling_proxy.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::IsEmpty;
using Clock = std::chrono::steady_clock;

class NetworkTest : public ::testing::Test {
 protected:
  std::vector<std::unique_ptr<Replica>> Replicas() {
    std::vector<std::unique_ptr<Replica>> replicas;
    replicas.push_back(std::make_unique<Replica>(
        std::vector<std::string>{"--database-url", proxy_.Url(database_.url()), "--statement-timeout", "1s"}));
    replicas.push_back(std::make_unique<Replica>(std::vector<std::string>{"--database-url", database_.url()}));
    return replicas;
  }

  TestPostgres postgres_;
  FeedDatabase database_{postgres_};
  StallingProxy proxy_{SocketDirectoryOf(postgres_.url())};
};

// Callers of the silent replica are answered in time, nothing else waits for it, and it recovers by itself.
TEST_F(NetworkTest, AReplicaWhoseDatabaseFallsSilentAnswersAndComesBack) {
  const auto replicas = Replicas();
  Clients clients({.addresses = AddressesOf(replicas), .database_url = database_.url()});
  ASSERT_TRUE(clients.AwaitWork(100));
  proxy_.Stall();
  OneClient silent(replicas[0]->address());
  const auto asked = Clock::now();
  const grpc::Status answer = silent.Upsert(1'000'001, "n");
  EXPECT_FALSE(answer.ok());
  EXPECT_THAT(answer.error_code(),
              AnyOf(grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::UNKNOWN, grpc::StatusCode::DEADLINE_EXCEEDED));
  EXPECT_LT(Clock::now() - asked, 40s);
  OneClient other(replicas[1]->address());
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(other.Upsert(2'000'000 + i, "n").ok()) << "nobody waits for it";
  proxy_.Flow();
  EXPECT_TRUE(Eventually([&] { return silent.Upsert(1'000'002, "n").ok(); }, 60s));
  ASSERT_TRUE(clients.AwaitWork(100));
  EXPECT_THAT(clients.Finish(database_.url()), IsEmpty());
}

TEST_F(NetworkTest, ConnectionsThatEndAgainAndAgainLoseNothing) {
  const auto replicas = Replicas();
  Clients clients({.addresses = AddressesOf(replicas), .database_url = database_.url(), .seed = 2});
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(clients.AwaitWork(60));
    proxy_.Cut();
  }
  ASSERT_TRUE(clients.AwaitWork(60));
  EXPECT_THAT(clients.Finish(database_.url()), IsEmpty());
}

}  // namespace
}  // namespace journeyfeed::testing
