// Order and versions (docs/interleavings.md 1): connections held at the places where earlier versions of the core
// failed, and a storm.
#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

std::int64_t Number(const std::string& text) { return std::stoll(text.substr(1)); }

class OrderTest : public ::testing::Test {
 protected:
  FeedDatabase database_;
  LockHolder holder_{database_};
};

// B has drawn its version and is held before its log row. Another writer of the same key must wait for it and draw
// later.
TEST_F(OrderTest, AVersionIsNeverOvertakenOnItsKey) {
  WriteConnection b(database_), c(database_);
  holder_.TakeFeed();
  b.Start(CreateRow(Key(1), "b"));
  ASSERT_TRUE(b.Running());
  c.Start(UpsertRow(Key(1), "c"));
  ASSERT_TRUE(c.Running());
  EXPECT_EQ(database_.Ask("select count(*) from pg_locks where locktype = 'advisory' and not granted and objsubid = 1"),
            "1")
      << "C waits for the key, not for the feed";
  holder_.ReleaseFeed();
  EXPECT_EQ(Short(b.Finish().front()), "C1");
  EXPECT_EQ(Short(c.Finish().front()), "U2");
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), database_.Final()), IsEmpty());
}

// The same with a deletion and a new record in between: C7 D8 C6 in docs/interleavings.md 1.3.
TEST_F(OrderTest, VersionsRiseAcrossDeleteAndCreateAlsoWhenTheFirstIsKilled) {
  WriteConnection a(database_), b(database_), c(database_);
  ASSERT_EQ(Short(a.Write(CreateRow(Key(1), "a"))), "C1");
  holder_.TakeFeed();
  b.Start(DeleteRow(Key(1)));
  ASSERT_TRUE(b.Running());
  c.Start(CreateRow(Key(1), "c"));
  ASSERT_TRUE(c.Running());
  Terminate(database_, b.pid());
  EXPECT_EQ(Short(b.Finish().front()), "ERROR_REASON_WRITE_OUTCOME_UNKNOWN");
  holder_.ReleaseFeed();
  EXPECT_EQ(Short(c.Finish().front()), "X") << "the deletion never happened";
  const std::int64_t deleted = Number(Short(a.Write(DeleteRow(Key(1)))));
  const std::int64_t created = Number(Short(c.Write(CreateRow(Key(1), "c"))));
  EXPECT_GT(created, deleted);
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), database_.Final()), IsEmpty());
}

// Uncommitted changes are in no page, later commits have higher numbers, and an abort leaves only a harmless gap.
TEST_F(OrderTest, ThePageIsAPrefix) {
  WriteConnection a(database_), b(database_), c(database_);
  PageReader reader(database_);
  ASSERT_EQ(a.Execute("begin"), "");
  a.Write(CreateRow(Key(1), "held, then aborted"));
  b.Start(CreateRow(Key(2), "b"));
  c.Start(CreateRow(Key(3), "c"));
  ASSERT_TRUE(b.Running() && c.Running());
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_EQ(reader.position().seq, 0);
  ASSERT_EQ(a.Execute("rollback"), "");
  b.Finish();
  c.Finish();
  ASSERT_TRUE(reader.ReadToHead());
  const FinalState final = database_.Final();
  EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
  EXPECT_EQ(final.log.size(), 2U);
  EXPECT_THAT(ResumeFromEveryToken(database_, reader.feed(), final, 1), IsEmpty());
}

// A sequence that hands out blocks to connections would make the order of numbers differ from the order of commits.
TEST_F(OrderTest, SequencesHandOutOneNumberAtATime) {
  EXPECT_EQ(database_.Ask("select count(*) from pg_sequences where schemaname = 'journeyfeed' and cache_size = 1"),
            "4");
}

// Six writers on twelve keys, some transactions held open and some of these aborted, connections killed, one tailer per
// page size.
TEST_F(OrderTest, UnderAbortsAndKillsNothingIsMissedOrDisordered) {
  constexpr int kWriters = 6, kKeys = 12;
  std::atomic<int> acknowledged = 0, aborted = 0, killed = 0, running = kWriters;
  std::mutex mutex;
  std::set<int> pids;
  std::vector<std::pair<RecordKey, std::int64_t>> versions;  // acknowledged
  const auto work = [&](std::stop_token stop, int number) {
    std::mt19937 random(static_cast<unsigned>(number) + 100);
    std::unique_ptr<WriteConnection> session;
    while (!stop.stop_requested()) {
      if (!session) {
        session = std::make_unique<WriteConnection>(database_);
        const std::scoped_lock lock(mutex);
        pids.insert(session->pid());
      }
      std::vector<WriteRequest> calls;
      std::vector<int> keys(kKeys);
      for (int i = 0; i < kKeys; ++i) keys[static_cast<std::size_t>(i)] = i;
      std::shuffle(keys.begin(), keys.end(), random);
      std::size_t at = 0;
      for (int call = 1 + static_cast<int>(random() % 3); call > 0; --call) {
        std::vector<WriteRow> rows;
        for (int row = 1 + static_cast<int>(random() % 2); row > 0; --row) {
          const RecordKey key = Key(keys[at++]);
          const std::string name = "w" + std::to_string(number);
          const auto kind = random() % 4;
          rows.push_back(kind == 0   ? DeleteRow(key)
                         : kind == 1 ? CreateRow(key, name)
                         : kind == 2 ? UpdateRow(key, name)
                                     : UpsertRow(key, name));
        }
        calls.push_back(CallOf(std::move(rows)));
      }
      const bool held = random() % 10 == 0, abort = held && random() % 2 == 0;
      bool usable = !held || session->Execute("begin").empty();
      const Outcomes outcomes = session->Write(calls);
      usable = usable && outcomes.front().has_value();
      if (held && usable) usable = session->Execute(abort ? "rollback" : "commit").empty();
      if (!usable) {
        const std::scoped_lock lock(mutex);
        pids.erase(session->pid());
        session.reset();
        continue;
      }
      aborted += abort ? 1 : 0;
      const std::scoped_lock lock(mutex);
      for (std::size_t call = 0; call < calls.size() && !abort; ++call) {
        for (std::size_t row = 0; row < calls[call].rows.size(); ++row) {
          if (Short(outcomes[call], row).size() < 2) continue;
          versions.emplace_back(calls[call].rows[row].key, VersionOf(outcomes[call], row));
          ++acknowledged;
        }
      }
    }
    --running;
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < kWriters; ++i) threads.emplace_back(work, i);
  threads.emplace_back([&] {
    std::mt19937 random(7);
    while (running > 0) {
      int pid = 0;
      {
        const std::scoped_lock lock(mutex);
        if (!pids.empty()) pid = *std::next(pids.begin(), static_cast<long>(random() % pids.size()));
      }
      if (pid != 0 && database_.Ask("select pg_terminate_backend(" + std::to_string(pid) + ")") == "t") ++killed;
      const auto next = std::chrono::steady_clock::now() + 150ms;
      (void)Eventually([&] { return running == 0 || std::chrono::steady_clock::now() > next; });
    }
  });
  PageReader wide(database_), narrow(database_);
  narrow.PageSize(3);
  // Long enough for a storm, and until everything that the test needs has happened.
  const auto begin = std::chrono::steady_clock::now();
  const auto lasted = [&] { return std::chrono::steady_clock::now() - begin; };
  const auto happened = [&] { return acknowledged > 300 && aborted > 3 && killed > 3; };
  while (lasted() < 2s || (!happened() && lasted() < 90s)) {
    ASSERT_TRUE(wide.Step()) << wide.error()->message;
    ASSERT_TRUE(narrow.Step()) << narrow.error()->message;
  }
  threads.clear();
  ASSERT_TRUE(happened()) << acknowledged << " writes, " << aborted << " aborts, " << killed << " kills";
  ASSERT_TRUE(wide.ReadToHead());
  ASSERT_TRUE(narrow.ReadToHead());
  const FinalState final = database_.Final();
  EXPECT_THAT(CheckFeed(wide.feed(), final), IsEmpty());
  EXPECT_THAT(CheckFeed(narrow.feed(), final), IsEmpty());
  std::set<std::pair<RecordKey, std::int64_t>> logged;
  for (const LogRow& row : final.log) logged.emplace(row.key, row.version);
  for (const auto& version : versions) EXPECT_TRUE(logged.contains(version)) << "an acknowledged write is lost";
}

}  // namespace
}  // namespace journeyfeed::testing
