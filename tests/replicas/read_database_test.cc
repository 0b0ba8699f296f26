// Reads, queries and feeds from a streaming standby: written data is visible, or the caller is told to retry.
#include <gmock/gmock.h>

#include <filesystem>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/replicas/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/page_reader.h"
#include "tests/support/test_postgres.h"
#include "tests/support/write_connection.h"

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
    standby_->Set("track_activity_query_size=16384");  // shows what each connection executes
    standby_->Start();
    replica_.emplace(std::vector<std::string>{"--database-url", primary_.url(), "--read-database-url", standby_->url(),
                                              "--read-lag-limit", "12s"});
  }
  bool AwaitUsable(bool usable) {
    return Eventually([&] { return replica_->Metric(kUsable) == (usable ? 1 : 0); }, 90s);
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
  EXPECT_TRUE(client.Retrieve(1, "", 10s).ok());
  EXPECT_EQ(client.name, "name 49") << "it was the standby that answered";
  EXPECT_TRUE(client.Load(1, "", 10s).ok());
  EXPECT_EQ(client.name, "name 49");
  const auto stream = client.Load(1, client.session_token, 20s);
  EXPECT_EQ(ReasonOf(stream), "FEED_REPLICA_BEHIND") << stream.error_message();
  const auto begun = std::chrono::steady_clock::now();
  const auto late = client.Retrieve(1, client.session_token, 20s);
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(late.error_code(), grpc::StatusCode::UNAVAILABLE) << late.error_message();
  EXPECT_EQ(ReasonOf(late), "FEED_REPLICA_BEHIND");
  EXPECT_TRUE(HasRetryInfo(late));
  EXPECT_GT(took, 2500ms);
  // If it is too far behind, the primary answers instead.
  EXPECT_TRUE(AwaitUsable(false));
  EXPECT_TRUE(client.Retrieve(1, client.session_token, 10s).ok());
  EXPECT_EQ(client.name, "not there yet");
  client.name.clear();
  EXPECT_TRUE(client.Load(1, client.session_token, 10s).ok());
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
  const auto pages = [this] {
    return replica_->Metric("journeyfeed_pool_wait_seconds_count{pool=\"standby_live_feed\"}");
  };
  const double before = pages();
  ASSERT_TRUE(clients.AwaitWork(60));
  EXPECT_GT(pages(), before) << "the pages are read there";
  standby_->Kill9();
  EXPECT_TRUE(AwaitUsable(false));
  ASSERT_TRUE(clients.AwaitWork(60));
  standby_->Start();
  EXPECT_TRUE(AwaitUsable(true)) << replica_->process().log();
  // Promoted by mistake: it has another history.
  standby_->Promote();
  EXPECT_TRUE(AwaitUsable(false));
  ASSERT_TRUE(clients.AwaitWork(60));
  EXPECT_THAT(clients.Finish(primary_.url()), IsEmpty()) << replica_->process().log();
}

// It can be watched over the open connection, and not be read over a new one.
TEST_F(ReadDatabase, WhatItCannotAnswerThePrimaryAnswers) {
  constexpr char kFallbacks[] = "journeyfeed_read_database_fallbacks_total";
  ASSERT_TRUE(AwaitUsable(true)) << replica_->process().log();
  OneClient client(replica_->address());
  ASSERT_TRUE(client.Upsert(1, "a").ok());
  ASSERT_TRUE(client.Retrieve(1, client.session_token, 10s).ok());
  const std::filesystem::path socket = standby_->SocketDirectory() + "/.s.PGSQL.5432";
  const auto before = replica_->Metric(kFallbacks);
  const auto administrator = OpenReadConnection(FeedDatabase(standby_->url()));
  std::filesystem::rename(socket, socket.string() + ".moved");
  const postgres::Statement terminate{"terminate",
                                      "select count(pg_terminate_backend(pid)) from pg_stat_activity where"
                                      " pid <> pg_backend_pid() and application_name = 'journeyfeed' and"
                                      " query not like '%pg_stat_wal_receiver%'"};
  ASSERT_TRUE(administrator->Execute(terminate, {}, postgres::ResultFormat::kText, 10s));
  EXPECT_TRUE(client.Retrieve(1, client.session_token, 10s).ok());
  EXPECT_EQ(client.name, "a");
  EXPECT_GT(replica_->Metric(kFallbacks), before);
  EXPECT_EQ(replica_->Metric(kUsable), 1) << replica_->process().log();
  std::filesystem::rename(socket.string() + ".moved", socket);
}

// A copy of the primary's files that diverged under the same timeline and with the same numbers: the rows at these
// numbers differ.
TEST(ReadDatabaseOfAnotherHistory, IsNotReadThoughItHasTheSameNumbers) {
  Node primary(Node::Fresh());
  primary.Start();
  MakeFeed(primary);
  const FeedDatabase here(primary.url());
  WriteConnection(here).Write(CreateRow(Key(1), "in both"));
  primary.Stop();
  Node copy(Node::CopyOf(primary));
  primary.Start();
  copy.Start();
  Node standby(Node::BackupOf(copy, true));
  standby.Start();
  Replica replica({"--database-url", primary.url(), "--read-database-url", standby.url(), "--read-lag-limit", "10m"});
  const auto usable = [&](int value) { return Eventually([&] { return replica.Metric(kUsable) == value; }, 90s); };
  ASSERT_TRUE(usable(1)) << replica.process().log();
  OneClient client(replica.address());
  ASSERT_TRUE(client.Upsert(2, "here").ok());
  const FeedDatabase there(copy.url());
  WriteConnection(there).Write(CreateRow(Key(3), "there"));
  ASSERT_EQ(here.Final().log.back().seq, there.Final().log.back().seq);
  EXPECT_TRUE(usable(0)) << "it shows another row at the primary's newest number";
  ASSERT_TRUE(client.Retrieve(2, client.session_token, 20s).ok());
  EXPECT_EQ(client.name, "here");
}

}  // namespace
}  // namespace journeyfeed::testing
