// The initial load in physical order on one server (docs/interleavings.md 4): rows move between its pages, and the
// table is vacuumed and rewritten.
#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

class LoadTest : public ::testing::Test {
 protected:
  // Large records: about four per block.
  void Fill(int count) {
    for (int from = 0; from < count; from += 100) {
      std::vector<WriteRequest> calls;
      for (int i = from; i < std::min(count, from + 100); ++i) calls.push_back(CallOf(CreateRow(Key(i), Long(i))));
      writer_.Write(calls);
    }
  }
  static std::string Long(int number) { return "n" + std::to_string(number); }
  // Makes every record wide without changing its content for the checks.
  void Widen() {
    database_.Tamper(
        "update journeyfeed.journey_run_session set session = session || repeat(' ', 1000), modified_by = modified_by");
  }
  int BlockOf(int number) {
    return std::stoi(
        database_.Ask("select (ctid::text::point)[0]::int from journeyfeed.journey_run_session where id = '" +
                      Key(number).id.ToString() + "'"));
  }
  void ExpectKept(const PageReader& reader, std::int32_t resume_size) {
    const FinalState final = database_.Final();
    EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
    EXPECT_THAT(ResumeFromEveryToken(database_, reader.feed(), final, resume_size), IsEmpty());
  }

  FeedDatabase database_;
  WriteConnection writer_{database_};
};

TEST_F(LoadTest, NothingMoves) {
  Fill(500);
  PageReader reader(database_);
  ASSERT_TRUE(reader.PageSize(50).ReadToHead());
  EXPECT_GT(reader.feed().messages.size(), 8U);
  EXPECT_TRUE(reader.feed().messages.back().consistent);
  ExpectKept(reader, 70);
}

TEST_F(LoadTest, AnEmptyTableAndAnEmptyLog) {
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_TRUE(reader.feed().messages.back().consistent);
  ExpectKept(reader, 10);
}

// A record that moves from an unread block into a block that was read: only the changes contain it.
TEST_F(LoadTest, ARecordMovesBehindTheLoad) {
  Fill(500);
  for (int i = 0; i < 40; ++i) writer_.Write(DeleteRow(Key(i)));
  database_.Ask("vacuum journeyfeed.journey_run_session");
  PageReader reader(database_);
  reader.PageSize(60);
  ASSERT_TRUE(reader.Step());
  ASSERT_TRUE(reader.Step());
  ASSERT_TRUE(reader.loading());
  const int before = BlockOf(490);
  // Not in place: its block is full, so the new version goes to the place of the deleted ones.
  for (int i = 400; i < 500; ++i) writer_.Write(UpdateRow(Key(i), "moved"));
  database_.Ask("vacuum journeyfeed.journey_run_session");
  for (int i = 400; i < 500; ++i) writer_.Write(UpdateRow(Key(i), "moved again"));
  int moved = 0;
  for (int i = 400; i < 500; i += 10) moved += BlockOf(i) < before ? 1 : 0;
  EXPECT_GT(moved, 0) << "nothing moved: the test tests nothing";
  ASSERT_TRUE(reader.ReadToHead());
  ExpectKept(reader, 45);
}

TEST_F(LoadTest, UpdatesDeletionsAndInsertsBetweenThePages) {
  Fill(400);
  PageReader reader(database_);
  reader.PageSize(40);
  int next = 400;
  for (int step = 0; reader.loading(); ++step) {
    ASSERT_TRUE(reader.Step()) << reader.error()->message;
    writer_.Write(UpdateRow(Key((step * 37) % 400), "u" + std::to_string(step)));
    writer_.Write(DeleteRow(Key((step * 53 + 11) % 400)));
    writer_.Write(UpsertRow(Key((step * 53 + 11) % 400), "back"));
    writer_.Write(DeleteRow(Key((step * 71 + 5) % 400)));
    writer_.Write(CreateRow(Key(next++), "new"));
    if (step % 3 == 1) database_.Ask("vacuum journeyfeed.journey_run_session");
    ASSERT_LT(step, 1000);
  }
  ASSERT_TRUE(reader.ReadToHead());
  ExpectKept(reader, 33);
}

TEST_F(LoadTest, ARewrittenTableStartsTheLoadAgain) {
  Fill(400);
  PageReader reader(database_);
  reader.PageSize(40);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(reader.Step());
  const postgres::LoadPosition before = *reader.position().load;
  writer_.Write(DeleteRow(Key(3)));  // was sent: the consumer must learn of it
  writer_.Write(UpdateRow(Key(5), "changed"));
  database_.Ask("vacuum full journeyfeed.journey_run_session");
  ASSERT_TRUE(reader.Step());
  const postgres::LoadPosition after = *reader.position().load;
  EXPECT_NE(after.file_node, before.file_node);
  EXPECT_LE(after.block, before.block) << "the load did not start again";
  ASSERT_TRUE(reader.ReadToHead());
  ExpectKept(reader, 60);
}

// A load position of another cluster is meaningless here even if the file node is the same (a restored dump).
TEST_F(LoadTest, APositionOfAnotherClusterStartsTheLoadAgain) {
  Fill(300);
  PageReader reader(database_);
  reader.PageSize(60);
  ASSERT_TRUE(reader.Step());
  ASSERT_TRUE(reader.Step());
  postgres::Position foreign = reader.position();
  ASSERT_TRUE(foreign.load);
  foreign.load->system_identifier += 1;
  PageReader other(database_, foreign);
  other.PageSize(60);
  ASSERT_TRUE(other.ReadToHead());
  EXPECT_EQ(Applied(other.feed()).size(), 300U);
}

TEST_F(LoadTest, PagesAreBoundedInRecordsAndMayEndInsideABlock) {
  Fill(200);
  PageReader reader(database_);
  reader.PageSize(7);  // fewer than a block contains
  ASSERT_TRUE(reader.ReadToHead());
  for (const RecordedMessage& message : reader.feed().messages) EXPECT_LE(message.changes.size(), 7U);
  ExpectKept(reader, 30);
}

TEST_F(LoadTest, PagesAreBoundedInBytesAndMayEndInsideABlock) {
  Fill(200);
  Widen();  // more than 1,000 bytes each, four or five per block
  PageReader reader(database_);
  reader.MaxBytes(4'000);
  ASSERT_TRUE(reader.Step());
  EXPECT_GT(reader.position().load->offset, 0U) << "the page ended with a block";
  ASSERT_TRUE(reader.ReadToHead());
  for (const RecordedMessage& message : reader.feed().messages) EXPECT_LE(message.changes.size(), 3U);
  EXPECT_EQ(Applied(reader.feed()).size(), 200U);
}

// All of it together, for a while. Every token of three consumers is resumed afterwards.
TEST_F(LoadTest, UnderWritesAndVacuumEveryTokenConverges) {
  Fill(600);
  std::atomic<bool> stop = false;
  std::atomic<int> writes = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      WriteConnection session(database_);
      std::mt19937 random(static_cast<unsigned>(t));
      while (!stop) {
        std::vector<WriteRequest> calls;
        std::set<int> keys;
        while (keys.size() < 5) keys.insert(static_cast<int>(random() % 650));
        for (const int key : keys) {
          const auto kind = random() % 5;
          calls.push_back(
              CallOf(kind == 0 ? DeleteRow(Key(key)) : UpsertRow(Key(key), "t" + std::to_string(random() % 1000))));
        }
        session.Write(calls);
        ++writes;
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; !stop; ++i) {
      database_.Ask(i % 4 == 3 ? "vacuum full journeyfeed.journey_run_session"
                               : "vacuum journeyfeed.journey_run_session");
    }
  });
  std::vector<std::unique_ptr<PageReader>> readers;
  const auto begin = std::chrono::steady_clock::now();
  const auto lasted = [&] { return std::chrono::steady_clock::now() - begin; };
  // VACUUM FULL may hold its lock for longer than a reader waits. Then a stream asks for the page again.
  const auto step = [&](PageReader& reader) {
    while (!reader.Step()) {
      if (!reader.error()->retry_after || lasted() > 90s) return false;
    }
    return true;
  };
  int loads = 0;
  while (lasted() < 1500ms || ((loads < 4 || writes <= 50) && lasted() < 90s)) {
    auto reader = std::make_unique<PageReader>(database_);
    reader->PageSize(30 + 17 * (loads % 100));
    bool read = true;
    while (read && reader->loading()) read = step(*reader);
    for (int i = 0; read && i < 5; ++i) read = step(*reader);
    if (!read) ADD_FAILURE() << reader->error()->message;
    ++loads;
    if (readers.size() < 3) readers.push_back(std::move(reader));
  }
  stop = true;
  threads.clear();
  EXPECT_GT(writes, 50);
  for (auto& reader : readers) {
    ASSERT_TRUE(reader->ReadToHead());
    ExpectKept(*reader, 200);
  }
}

}  // namespace
}  // namespace journeyfeed::testing
