// Reads, queries and feeds from a streaming standby: what is written is read, or the caller is told to come again.
#include <gmock/gmock.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/replicas/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr char kUsable[] = "journeyfeed_read_database_usable";

bool HasRetryInfo(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::RetryInfo retry;
  if (!details.ParseFromString(status.error_details())) return false;
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&retry)) return true;
  }
  return false;
}

class ReadDatabase : public ::testing::Test {
 protected:
  ReadDatabase() {
    primary_.Start();
    MakeFeed(primary_);
    standby_.emplace(Node::BackupOf(primary_, true));
    standby_->Start();
    replica_.emplace(std::vector<std::string>{"--database-url", primary_.url(), "--read-database-url", standby_->url(),
                                              "--read-lag-limit", "6s"});
  }
  bool AwaitUsable(bool usable) {
    return Eventually([&] { return replica_->Metric(kUsable) == (usable ? 1 : 0); }, 40s);
  }
  Node primary_{Node::Fresh()};
  std::optional<Node> standby_;
  std::optional<Replica> replica_;
};

TEST_F(ReadDatabase, ShowsWhatItsCallerWroteOrSaysThatItIsBehind) {
  ASSERT_TRUE(AwaitUsable(true)) << replica_->process().log();
  OneClient client(replica_->address());
  for (int i = 0; i < 50; ++i) {
    const std::string name = "name " + std::to_string(i);
    ASSERT_TRUE(client.Upsert(1, name).ok());
    const auto read = client.Retrieve(1, client.session_token, 10s);
    ASSERT_TRUE(read.ok()) << read.error_message();
    EXPECT_EQ(client.name, name);
  }
  Query(standby_->url(), "select pg_wal_replay_pause()");
  ASSERT_TRUE(client.Upsert(1, "not there yet").ok());
  const auto begun = std::chrono::steady_clock::now();
  const auto late = client.Retrieve(1, client.session_token, 20s);
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(late.error_code(), grpc::StatusCode::UNAVAILABLE) << late.error_message();
  EXPECT_EQ(ReasonOf(late), "FEED_REPLICA_BEHIND");
  EXPECT_TRUE(HasRetryInfo(late));
  EXPECT_GT(took, 2500ms);
  EXPECT_TRUE(client.Retrieve(1, "", 10s).ok());
  EXPECT_EQ(client.name, "name 49") << "it was the standby that answered";
  // Too far behind, the primary answers in its place.
  EXPECT_TRUE(AwaitUsable(false));
  EXPECT_TRUE(client.Retrieve(1, client.session_token, 10s).ok());
  EXPECT_EQ(client.name, "not there yet");
  Query(standby_->url(), "select pg_wal_replay_resume()");
  EXPECT_TRUE(AwaitUsable(true));
}

TEST_F(ReadDatabase, BulkDeleteFindsWhatTheStandbyDoesNotShow) {
  ASSERT_TRUE(AwaitUsable(true)) << replica_->process().log();
  OneClient client(replica_->address());
  ASSERT_TRUE(client.Upsert(1, "old").ok());
  ASSERT_TRUE(client.Retrieve(1, client.session_token, 10s).ok());
  Query(standby_->url(), "select pg_wal_replay_pause()");
  ASSERT_TRUE(client.Upsert(1, "changed").ok());
  ASSERT_TRUE(client.Upsert(2, "new").ok());
  const auto asked = [&](const std::string& pool) {
    return replica_->Metric("journeyfeed_pool_wait_seconds_count{pool=\"standby_" + pool + "\"}");
  };
  const double feeds = asked("feed"), queries = asked("query");
  journeyrunsession::v1::BulkDeleteRequest request;
  request.set_filter("name ne 'other'");
  journeyrunsession::v1::BulkDeleteResponse last;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 20s);
  const auto reader = client.stub().BulkDelete(&context, request);
  for (journeyrunsession::v1::BulkDeleteResponse next; reader->Read(&next);) last = next;
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_TRUE(last.done());
  EXPECT_EQ(last.progress().deleted_count(), 2);
  EXPECT_EQ(last.progress().failed_count(), 0);
  EXPECT_EQ(asked("feed"), feeds) << "the time at which it began is the primary's, too";
  EXPECT_EQ(asked("query"), queries);
  EXPECT_EQ(Query(primary_.url(), "select count(*) from journeyfeed.journey_run_session"), "0");
  Query(standby_->url(), "select pg_wal_replay_resume()");
}

TEST_F(ReadDatabase, FeedsComeFromItAndOutliveItsLossAndAPromotion) {
  ASSERT_TRUE(AwaitUsable(true)) << replica_->process().log();
  Clients clients({.addresses = {replica_->address()}, .database_url = primary_.url(), .seed = 5, .writers = 2});
  ASSERT_TRUE(clients.AwaitWork(60));
  EXPECT_GT(replica_->Metric("journeyfeed_pool_wait_seconds_count{pool=\"standby_feed\"}"), 20)
      << "the pages are read there";
  standby_->Kill9();
  EXPECT_TRUE(AwaitUsable(false));
  ASSERT_TRUE(clients.AwaitWork(60));
  standby_->Start();
  EXPECT_TRUE(AwaitUsable(true)) << replica_->process().log();
  // Promoted by mistake: another history, whatever it says.
  standby_->Promote();
  EXPECT_TRUE(AwaitUsable(false));
  ASSERT_TRUE(clients.AwaitWork(60));
  EXPECT_THAT(clients.Finish(primary_.url()), IsEmpty()) << replica_->process().log();
  EXPECT_GT(replica_->Metric("journeyfeed_read_database_fallbacks_total"), -1);
}

}  // namespace
}  // namespace journeyfeed::testing
