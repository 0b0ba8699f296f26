// History on real clusters: failover, restore, rollback. Afterwards every token that was ever issued is presented.
// README.md says which test plays which section of docs/interleavings.md.
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "storage/postgres/schema/migrator.h"
#include "tests/history/node.h"
#include "tests/integration/http.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/or_throw.h"
#include "tests/support/page_reader.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

namespace pb = entity::v1;
using namespace std::chrono_literals;
using ::testing::IsEmpty;

// Writes to and reads from a database, and keeps every token with the consumer's copy at that time.
class Recorder {
 public:
  explicit Recorder(const std::string& url) : database_(url), writer_(database_), reader_(database_) {
    reader_.PageSize(2);
  }
  // Does so many writes, and reads a page now and then.
  Recorder& Work(int writes, const std::string& name) {
    for (int i = 0; i < writes; ++i) {
      const int key = next_++ % 9;
      const auto written = writer_.Write(next_ % 6 == 0 ? DeleteRow(Key(key)) : UpsertRow(Key(key), name));
      if (!written) throw std::runtime_error(written.error().message);
      versions.insert(written->rows.at(0).version);
      if (i % 2 == 0 && !reader_.Step()) throw std::runtime_error(reader_.error()->message);
    }
    return *this;
  }
  RecordedFeed ReadToHead() {
    if (!reader_.ReadToHead()) throw std::runtime_error("the feed has no end");
    return reader_.feed();
  }
  std::int64_t Head() const {
    return std::stoll(database_.Ask("select max(seq) from journeyfeed.journey_run_session_log"));
  }
  std::set<std::int64_t> versions;

 private:
  const FeedDatabase database_;
  WriteConnection writer_;
  PageReader reader_;
  int next_ = 0;
};

// Every token of `feed` that saw more than `lost_above` is refused; every other token continues and converges.
void ExpectHonest(const std::string& url, const RecordedFeed& feed, std::int64_t lost_above) {
  const FeedDatabase database(url);
  const FinalState final = database.Final();
  const auto session = OpenReadConnection(database);
  Copy copy = feed.copy;
  int refused = 0, accepted = 0;
  for (const RecordedMessage& message : feed.messages) {
    Apply(message, copy);
    PageReader reader(session, message.position, copy);
    const bool read = reader.PageSize(5).ReadToHead();
    EXPECT_THAT(CheckHonest({message.position, read ? std::nullopt : reader.error()}, final.removed, lost_above),
                IsEmpty());
    ++(read ? accepted : refused);
    EXPECT_THAT(read ? CheckFeed(reader.feed(), final) : Problems(), IsEmpty());
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(accepted, 0);
}

void ExpectAllGoOn(const std::string& url, const RecordedFeed& feed) {
  const FeedDatabase database(url);
  EXPECT_THAT(ResumeFromEveryToken(database, feed, database.Final(), 4), IsEmpty());
}

ErrorReason Ask(const std::string& url, const postgres::Position& token) {
  PageReader asker{FeedDatabase(url)};
  const auto page = asker.Look(token);
  return page ? pb::ERROR_REASON_UNSPECIFIED : page.error().reason;
}

std::string CurrentHistories(const std::string& url) {
  return Query(url,
               "select count(*) || ' timeline ' || max(timeline) filter (where fork_seq is null)"
               " from journeyfeed.feed_history where entity = 1");
}

bool AwaitHistories(const std::string& url, const std::string& wanted) {
  return Eventually([&] { return CurrentHistories(url) == wanted; }, 30s);
}

class HistoryCluster : public ::testing::Test {
 protected:
  HistoryCluster() {
    primary_.Start();
    MakeFeed(primary_);
  }
  Node primary_{Node::Fresh()};
};

// The asynchronous standby is promoted without the tail. The server finds the new primary and opens the new history
// before the first write.
TEST_F(HistoryCluster, AnAsynchronousStandbyIsPromotedWithoutTheTail) {
  Node standby(Node::BackupOf(primary_, true));
  standby.Start();
  ServerProcess server({"--database-url", EitherUrl({&primary_, &standby}), "--log-level", "warning"});
  auto recorder = std::make_unique<Recorder>(primary_.url());
  recorder->Work(40, "kept");
  const std::int64_t kept = recorder->Head();
  AwaitCaughtUp(primary_, standby);
  standby.Stop();
  recorder->Work(24, "lost");
  const RecordedFeed feed = recorder->ReadToHead();
  recorder.reset();
  primary_.Kill9();
  standby.Start();
  // The history is not open yet (docs/interleavings.md 5.3).
  EXPECT_EQ(Ask(standby.url(), feed.messages.back().position), pb::ERROR_REASON_FEED_REPLICA_BEHIND);
  standby.Promote();
  EXPECT_TRUE(AwaitHistories(standby.url(), "2 timeline 2")) << server.log();
  Recorder(standby.url()).Work(30, "after");
  ExpectHonest(standby.url(), feed, kept);
}

// A fails over to B, which opens a history, B is lost, and C, which never saw that history, takes over.
TEST_F(HistoryCluster, AHistoryThatVanishedIsDecidedAndItsNumbersDoNotComeAgain) {
  Node b(Node::BackupOf(primary_, true, "b"));
  Node c(Node::BackupOf(primary_, true, "c"));
  b.Start();
  c.Start();
  auto before = std::make_unique<Recorder>(primary_.url());
  before->Work(20, "before");
  const RecordedFeed feed = before->ReadToHead();
  before.reset();
  AwaitCaughtUp(primary_, b);
  AwaitCaughtUp(primary_, c);
  primary_.Kill9();

  b.Promote();
  OrThrow(postgres::Maintain(b.url()));
  auto on_b = std::make_unique<Recorder>(b.url());
  on_b->Work(20, "on b");
  const RecordedFeed vanished = on_b->ReadToHead();
  const std::set<std::int64_t> versions_of_b = on_b->versions;
  on_b.reset();
  b.Kill9();

  c.Promote();
  const postgres::Position& unknown = vanished.messages.back().position;
  // Until C has a history of its new timeline, the token might be one of a newer primary.
  EXPECT_EQ(Ask(c.url(), unknown), pb::ERROR_REASON_FEED_REPLICA_BEHIND);
  OrThrow(postgres::Maintain(c.url()));
  EXPECT_EQ(Ask(c.url(), unknown), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  Recorder on_c(c.url());
  on_c.Work(20, "on c");
  // docs/interleavings.md 5.7: a version of one successor never names another content of the other.
  for (const std::int64_t version : on_c.versions) EXPECT_FALSE(versions_of_b.contains(version));
  EXPECT_GT(*on_c.versions.rbegin(), 1LL << 32);
  ExpectAllGoOn(c.url(), feed);

  // A position on a newer timeline counts as a sign of an old primary for a while; then it is decided like any other.
  postgres::Position newer = unknown;
  newer.timeline = 9;
  postgres::ChangePages pages(30s, 300ms);
  const FeedDatabase database(c.url());
  const auto session = OpenReadConnection(database);
  const ChangePageRequest call{.entity = &Sessions(), .after = postgres::EncodePosition(newer), .partition_id = {}};
  const auto first = pages.Read(*session, call);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().reason, pb::ERROR_REASON_FEED_REPLICA_BEHIND);
  EXPECT_TRUE(Eventually([&] {
    const auto page = pages.Read(*session, call);
    return !page && page.error().reason == pb::ERROR_REASON_FEED_HISTORY_CHANGED;
  }));
}

// A dump is restored into another cluster. The file nodes may be equal there, so a load must start again, even before
// the new history is opened (docs/interleavings.md 5.5).
TEST_F(HistoryCluster, ADumpIsRestoredIntoANewCluster) {
  auto recorder = std::make_unique<Recorder>(primary_.url());
  recorder->Work(40, "kept");
  const std::int64_t kept = recorder->Head();
  const std::string dump = (primary_.data().parent_path() / "dump.sql").string();
  primary_.Program("pg_dump", {"--dbname=" + primary_.url(), "--file=" + dump});
  recorder->Work(20, "lost");
  const RecordedFeed feed = recorder->ReadToHead();
  PageReader load{FeedDatabase(primary_.url())};
  ASSERT_TRUE(load.PageSize(1).Step());

  Node restored(Node::Made());
  restored.Start();
  Query(restored.url("postgres"), "create database feed");
  Query(restored.url("postgres"), "create role journeyfeed_service");
  restored.Program("psql", {"--quiet", "--set=ON_ERROR_STOP=1", "--dbname=" + restored.url(), "--file=" + dump});
  PageReader early{FeedDatabase(primary_.url())};
  ASSERT_TRUE(early.PageSize(1).Step());
  postgres::Position in_load = early.position();
  ASSERT_TRUE(in_load.load);
  in_load.seq = in_load.high_water = kept;
  in_load.high_water_nonce = std::stoll(
      Query(restored.url(), "select nonce from journeyfeed.journey_run_session_log order by seq desc limit 1"));
  in_load.load->block = in_load.load->end_block - 1;
  in_load.load->offset = 1000;
  PageReader again(FeedDatabase(restored.url()), in_load);
  ASSERT_TRUE(again.ReadToHead()) << again.error()->message;
  EXPECT_EQ(Applied(again.feed()), FeedDatabase(restored.url()).Final().table);

  ServerProcess server({"--database-url", restored.url(), "--log-level", "warning"});
  ASSERT_TRUE(AwaitHistories(restored.url(), "2 timeline 1")) << server.log();
  Recorder(restored.url()).Work(30, "after");
  ExpectHonest(restored.url(), feed, kept);
}

TEST_F(HistoryCluster, ABackupIsRestoredToAPointInTime) {
  const auto archive = primary_.data().parent_path() / "archive";
  primary_.RunCommand({"/bin/mkdir", archive.string()});
  primary_.Stop();
  primary_.Set("archive_mode=on");
  primary_.Set("archive_command=cp %p " + archive.string() + "/%f");
  primary_.Start();
  Node restored(Node::BackupOf(primary_, false));
  auto recorder = std::make_unique<Recorder>(primary_.url());
  recorder->Work(40, "kept");
  const std::int64_t kept = recorder->Head();
  Query(primary_.url(), "select pg_create_restore_point('here')");
  recorder->Work(20, "lost");
  const RecordedFeed feed = recorder->ReadToHead();
  recorder.reset();
  primary_.Stop();  // archives the last segment
  restored.RunCommand({"/usr/bin/touch", (restored.data() / "recovery.signal").string()});
  restored.Set("restore_command=cp " + archive.string() + "/%f %p");
  restored.Set("recovery_target_name=here");
  restored.Set("recovery_target_action=promote");
  restored.Start();
  ASSERT_TRUE(Eventually([&] { return Query(restored.url(), "select pg_is_in_recovery()") == "f"; }, 30s));
  ServerProcess server({"--database-url", restored.url(), "--log-level", "warning"});
  ASSERT_TRUE(AwaitHistories(restored.url(), "2 timeline 2")) << server.log();
  Recorder(restored.url()).Work(30, "after");
  ExpectHonest(restored.url(), feed, kept);
}

// The volume is set back under the same timeline while the server runs. The server has seen the lost rows, and opens a
// new history before it writes again.
TEST_F(HistoryCluster, TheVolumeIsSetBackUnderARunningServer) {
  ServerProcess server({"--database-url", primary_.url(), "--log-level", "warning"});
  auto recorder = std::make_unique<Recorder>(primary_.url());
  recorder->Work(40, "kept");
  const std::int64_t kept = recorder->Head();
  const RecordedFeed before = recorder->ReadToHead();
  recorder.reset();
  primary_.Stop();
  Node copy(Node::CopyOf(primary_));
  primary_.Start();
  recorder = std::make_unique<Recorder>(primary_.url());
  recorder->Work(20, "lost");
  const RecordedFeed feed = recorder->ReadToHead();
  const auto lost_versions = recorder->versions;
  recorder.reset();
  // The server misses only what it has seen; it polls at least every quarter of a second.
  const std::string head = Query(primary_.url(), "select max(seq) from journeyfeed.journey_run_session_log");
  ASSERT_TRUE(Eventually([&] {
    return HttpGet(server.metrics_address(), "/metrics")
               .find("\njourneyfeed_log_head{entity=\"journey_run_session\"} " + head + "\n") != std::string::npos;
  }));
  primary_.Kill9();
  primary_.RunCommand({"/bin/rm", "-rf", primary_.data().string()});
  primary_.RunCommand({"/bin/cp", "-a", copy.data().string(), primary_.data().string()});
  primary_.Start();
  EXPECT_TRUE(AwaitHistories(primary_.url(), "2 timeline 1")) << server.log();
  Recorder after(primary_.url());
  after.Work(30, "after");
  for (const std::int64_t version : after.versions) EXPECT_FALSE(lost_versions.contains(version)) << "ABA";
  ExpectAllGoOn(primary_.url(), before);
  for (const RecordedMessage& message : feed.messages) {
    ASSERT_GT(message.position.high_water, kept);
    EXPECT_EQ(Ask(primary_.url(), message.position), pb::ERROR_REASON_FEED_HISTORY_CHANGED);
  }
}

// A synchronous standby shows a commit before its primary does: a token from it is never refused as changed.
TEST_F(HistoryCluster, ATokenOfASynchronousStandbyIsNotCalledChanged) {
  Node standby(Node::BackupOf(primary_, true, "here"));
  standby.Start();
  Recorder recorder(primary_.url());
  recorder.Work(10, "before");
  recorder.ReadToHead();
  AwaitCaughtUp(primary_, standby);
  Query(primary_.url(), "alter system set synchronous_standby_names = '2 (here, away)'");
  Query(primary_.url(), "select pg_reload_conf()");
  const FeedDatabase database(primary_.url());
  ASSERT_TRUE(Eventually([&] { return database.Ask("show synchronous_standby_names") != ""; }));
  WriteConnection writer(database);
  std::vector<WriteRequest> calls;
  calls.push_back(CallOf(UpsertRow(Key(1), "in flight")));
  auto writing = std::async(std::launch::async, [&] { return writer.Write(calls); });
  const std::string head = database.Ask("select max(seq) + 1 from journeyfeed.journey_run_session_log");
  ASSERT_TRUE(Eventually(
      [&] { return Query(standby.url(), "select max(seq) from journeyfeed.journey_run_session_log") == head; }));
  PageReader ahead{FeedDatabase(standby.url())};
  ASSERT_TRUE(ahead.ReadToHead());
  EXPECT_EQ(database.Ask("select max(seq) + 1 from journeyfeed.journey_run_session_log"), head) << "not on the primary";
  EXPECT_EQ(Ask(primary_.url(), ahead.position()), pb::ERROR_REASON_FEED_REPLICA_BEHIND);
  Query(primary_.url(), "alter system set synchronous_standby_names = ''");
  Query(primary_.url(), "select pg_reload_conf()");
  EXPECT_EQ(Short(writing.get().at(0)).front(), 'U');
  EXPECT_EQ(Ask(primary_.url(), ahead.position()), pb::ERROR_REASON_UNSPECIFIED);
}

}  // namespace
}  // namespace journeyfeed::testing
