// A shared page shows each partition the same as a page that was read for it.
#include "services/feed/live_page.h"

#include <gmock/gmock.h>

#include <random>

#include "tests/unit/feed/entities.h"
#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

using feed::LivePage;

// A log row: of a partition, skipped or shown, the last of its call or not.
struct LogEntry {
  std::string partition;
  bool shown;
  bool ends_call;
};

// What the store makes of log rows for a consumer that sees only `partition`, or all: as ChangePages does.
ChangePage PageOf(const std::vector<LogEntry>& log, const std::optional<std::string>& partition) {
  ChangePage page;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto seq = static_cast<std::int64_t>(i) + 1;
    page.call_end = log[i].ends_call;
    if (log[i].shown && (!partition || *partition == log[i].partition)) {
      Change& change = page.changes.emplace_back();
      change.key = {.id = Uuid::FromName(std::to_string(seq)), .partition_id = log[i].partition};
      change.seq = change.version = seq;
      change.call_end = log[i].ends_call;
    } else if (log[i].ends_call && page.changes.empty()) {
      page.ended_before = EndOf(seq, static_cast<std::int64_t>(log.size()));
    } else if (log[i].ends_call) {
      page.changes.back().call_end = true;
    }
  }
  page.head = static_cast<std::int64_t>(log.size());
  page.next = EndOf(page.head, page.head);
  return page;
}

std::vector<LogEntry> RandomLog(std::mt19937& random) {
  std::vector<LogEntry> log(std::uniform_int_distribution<std::size_t>(1, 12)(random));
  for (LogEntry& entry : log) {
    entry = {.partition = random() % 2 == 0 ? "a" : "b", .shown = random() % 4 != 0, .ends_call = random() % 3 == 0};
  }
  return log;
}

// The end of a call may be told later than where it lies, as long as it comes before the next change.
void ExpectSame(const ChangePage& slice, const ChangePage& own, const std::string& what) {
  ASSERT_EQ(slice.changes.size(), own.changes.size()) << what;
  for (std::size_t i = 0; i < own.changes.size(); ++i) {
    EXPECT_EQ(slice.changes[i].seq, own.changes[i].seq) << what;
    EXPECT_EQ(slice.changes[i].call_end, own.changes[i].call_end) << what;
  }
  ASSERT_EQ(slice.ended_before.has_value(), own.ended_before.has_value()) << what;
  if (own.ended_before) {
    EXPECT_GE(slice.ended_before->seq, own.ended_before->seq) << what;
    const std::int64_t next = own.changes.empty() ? own.next.seq + 1 : own.changes.front().seq;
    EXPECT_LT(slice.ended_before->seq, next) << what;
  }
  EXPECT_EQ(slice.next.position, own.next.position) << what;
  EXPECT_EQ(slice.call_end, own.call_end) << what;
}

TEST(LivePageTest, EachPartitionSeesWhatAPageOfItsOwnShows) {
  std::mt19937 random(17);
  const ScriptedStore store;
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<LogEntry> log = RandomLog(random);
    const LivePage page(store, feed::Session(), EndOf(0, 0), PageOf(log, {}));
    for (const std::optional<std::string>& partition : {std::optional<std::string>(), {"a"}, {"b"}, {"c"}}) {
      ExpectSame(page.SliceFor(partition, 0)->page(), PageOf(log, partition),
                 "log " + std::to_string(i) + " partition " + partition.value_or("(all)"));
      if (HasFailure()) return;
    }
  }
}

TEST(LivePageTest, AStreamThatIsAheadGetsOnlyTheRest) {
  const ScriptedStore store;
  const LivePage page(store, feed::Session(), EndOf(10, 10), PageAt(14, 14, 4));
  const auto rest = page.SliceFor({}, 12);
  ASSERT_EQ(rest->page().changes.size(), 2U);
  EXPECT_EQ(rest->page().changes.front().seq, 13);
  EXPECT_EQ(rest->page().next.position, page.end().position);
}

TEST(LivePageTest, StreamsOfAViewShareOneMessage) {
  const ScriptedStore store;
  const LivePage page(store, feed::Session(), EndOf(10, 10), PageAt(14, 14, 4));
  const auto slice = page.SliceFor({}, 10);
  EXPECT_EQ(page.SliceFor({}, 10), slice);
  int made = 0;
  const auto facts = [&] { return ++made, feed::StreamMessageFacts(); };
  const auto message = slice->SharedMessage(1, facts);
  EXPECT_EQ(slice->SharedMessage(1, facts), message);
  EXPECT_NE(slice->SharedMessage(2, facts), message);
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace journeyfeed::testing
