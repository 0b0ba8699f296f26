// One flow between a server and its database falls silent for good, as when a load balancer forgets it: operations of
// the schema's owner over it, in libpqxx and in libpq, end and are repeated.
#include <gtest/gtest.h>

#include "tests/integration/http.h"
#include "tests/integration/service.h"
#include "tests/replicas/replica.h"
#include "tests/replicas/stalling_proxy.h"
#include "tests/support/eventually.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

// Longer than any wait inside the server.
constexpr auto kLimit = 60s;
// For SIGTERM, when only the silent operation is in flight.
constexpr auto kEnd = 10s;

class SilentFlow : public ::testing::TestWithParam<const char*> {
 protected:
  std::string Url() const { return proxy_.Url(url_); }
  [[nodiscard]] bool AwaitSilence() const {
    return Eventually([this] { return proxy_.silenced() == 1; }, kLimit);
  }

  TestPostgres postgres_;
  const std::string url_ = postgres_.CreateDatabase("feed");
  StallingProxy proxy_{SocketDirectoryOf(url_)};
};

class DuringMigrate : public SilentFlow {};

TEST_P(DuringMigrate, TheServerBecomesReadyByItself) {
  proxy_.SilenceOneThatSays(GetParam());
  ServerProcess server({"--database-url", Url()});
  ASSERT_TRUE(AwaitSilence()) << server.log();
  const auto channel = Connect(server.address());
  EXPECT_TRUE(Eventually([&] { return IsServing(channel); }, kLimit)) << server.log();
  EXPECT_NE(server.log().find("next attempt"), std::string::npos) << "it says that something is wrong" << server.log();
  EXPECT_TRUE(OneClient(server.address()).Upsert(1, "n").ok());
}

TEST_P(DuringMigrate, SigtermEndsTheProcess) {
  proxy_.SilenceOneThatSays(GetParam());
  ServerProcess server({"--database-url", Url()});
  ASSERT_TRUE(AwaitSilence()) << server.log();
  EXPECT_EQ(server.Terminate(kEnd), 0) << server.log();
}

// While it connects, before it holds anything, and while the server holds the lock of migrations for it.
INSTANTIATE_TEST_SUITE_P(Where, DuringMigrate,
                         ::testing::Values("application_name", "journeyfeed.migration", "make_log_partitions"));

class DuringUpkeep : public SilentFlow {
 protected:
  void SetUp() override {
    server_.emplace(std::vector<std::string>{"--database-url", Url(), "--upkeep-interval", "1s"});
    ASSERT_TRUE(Eventually([this] { return Metric("upkeep_last_success_timestamp_seconds") > 0; }, 20s));
    proxy_.SilenceOneThatSays(GetParam());
    ASSERT_TRUE(AwaitSilence());
  }
  double Metric(const std::string& name) const { return server_->Metric("journeyfeed_" + name); }

  std::optional<Replica> server_;
};

TEST_P(DuringUpkeep, FurtherRoundsCome) {
  EXPECT_TRUE(Eventually([this] { return Metric("upkeep_errors_total") > 0; }, kLimit)) << "the round ends";
  const double before = Metric("upkeep_last_success_timestamp_seconds");
  EXPECT_TRUE(Eventually([&] { return Metric("upkeep_last_success_timestamp_seconds") > before; }, kLimit));
  EXPECT_TRUE(OneClient(server_->address()).Upsert(1, "n").ok());
}

TEST_P(DuringUpkeep, SigtermEndsTheProcess) { EXPECT_EQ(server_->process().Terminate(kEnd), 0); }

// Over libpqxx and over libpq.
INSTANTIATE_TEST_SUITE_P(Where, DuringUpkeep, ::testing::Values("make_outcome_partitions", "close_log_partition"));

// `track_activities = off`: the server does not show since when a backend waits for its client.
TEST_F(SilentFlow, IsNoticedWhereActivityIsNotTracked) {
  Query(postgres_.url(), "alter database feed set track_activities = off");
  proxy_.SilenceOneThatSays("make_log_partitions");
  ServerProcess server({"--database-url", Url()});
  ASSERT_TRUE(AwaitSilence()) << server.log();
  const auto channel = Connect(server.address());
  EXPECT_TRUE(Eventually([&] { return IsServing(channel); }, kLimit)) << server.log();
}

// The whole network: every connection waits for an answer or is about to send a query.
TEST_F(SilentFlow, SigtermEndsAServerWhoseNetworkIsSilent) {
  Replica server({"--database-url", Url(), "--upkeep-interval", "1s"});
  ASSERT_TRUE(OneClient(server.address()).Upsert(1, "n").ok());
  proxy_.Stall();
  EXPECT_EQ(server.process().Terminate(2 * kEnd), 0);
}

}  // namespace
}  // namespace journeyfeed::testing
