// What a stream sends while nothing happens that it shows: progress at the requested interval, and nothing else.
#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/http.h"
#include "tests/integration/streams.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

const std::string kHour = " progress_interval { seconds: 3600 } ";

std::string In(const std::string& partition) { return " partition_id: " + Quote(partition) + " "; }

TEST(QuietStream, WritesElsewhereSendNothing) {
  SessionChanges stream(TheService().server.channel(), "follow: true skip_initial_load: true" + kHour + In("quiet"));
  const auto first = stream.Next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->changes_size(), 0);
  EXPECT_FALSE(first->more_records());
  for (int i = 0; i < 50; ++i) MakeSession(In("busy"));
  const std::string id = MakeSession(In("quiet"));
  const auto second = stream.Next();
  ASSERT_TRUE(second);
  ASSERT_EQ(second->changes_size(), 1) << "a message for a write of another partition";
  EXPECT_EQ(second->changes(0).new_or_updated_entity().id(), id);
}

// A stream that catches up with changes that it does not show reports once that it has caught up.
TEST(QuietStream, CatchingUpIsToldOnce) {
  const std::string token = SessionHead(TheService().server.channel(), In("caught up"));
  for (int i = 0; i < 30; ++i) MakeSession(In("busy"));
  SessionChanges stream(TheService().server.channel(), "follow: true max_changes_per_message: 1 data_version: " +
                                                           Quote(token) + kHour + In("caught up"));
  const auto first = stream.Next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->changes_size(), 0);
  EXPECT_FALSE(first->more_records());
  EXPECT_TRUE(first->consistent());
  const std::string id = MakeSession(In("caught up"));
  const auto second = stream.Next();
  ASSERT_TRUE(second);
  ASSERT_EQ(second->changes_size(), 1);
  EXPECT_EQ(second->changes(0).new_or_updated_entity().id(), id);
}

// After changes that announced more.
TEST(QuietStream, TheEndOfWhatWasAnnouncedIsTold) {
  const std::string token = SessionHead(TheService().server.channel(), In("announced"));
  MakeSession(In("announced"));
  for (int i = 0; i < 10; ++i) MakeSession(In("busy"));
  SessionChanges stream(TheService().server.channel(), "follow: true max_changes_per_message: 1 data_version: " +
                                                           Quote(token) + kHour + In("announced"));
  const auto first = stream.Next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->changes_size(), 1);
  EXPECT_TRUE(first->more_records());
  const auto second = stream.Next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->changes_size(), 0);
  EXPECT_FALSE(second->more_records());
}

// Progress comes while others write, and moves the token.
TEST(QuietStream, ProgressComesWhileOthersWrite) {
  SessionChanges stream(TheService().server.channel(),
                        "follow: true skip_initial_load: true progress_interval { nanos: 200000000 }" + In("idle"));
  std::jthread others([](std::stop_token stop) {
    while (!stop.stop_requested()) MakeSession(In("busy"));
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto first = stream.Next();
  ASSERT_TRUE(first);
  int more = 0;
  const auto moved = stream.Await([&](const auto& message) {
    EXPECT_EQ(message.changes_size(), 0);
    return ++more >= 3 && message.data_token() != first->data_token();
  });
  EXPECT_TRUE(moved);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, more * std::chrono::milliseconds(150)) << "more often than asked";
}

// With a token of the pages that all share. The first streams may come before those pages do, and read their own.
TEST(QuietStream, AConsumerThatComesBackReadsNoPageOfItsOwn) {
  const std::string follow = "follow: true skip_initial_load: true" + kHour;
  SessionChanges other(TheService().server.channel(), follow);  // keeps the pages
  ASSERT_TRUE(other.Next());
  const auto pages_read = [] {
    const std::string page = HttpGet(TheService().server.process().metrics_address(), "/metrics");
    const std::string series = "\njourneyfeed_pool_wait_seconds_count{pool=\"feed\"} ";
    return std::stol(page.substr(page.find(series) + series.size()));
  };
  const auto comes_back_for_nothing = [&] {
    SessionChanges stream(TheService().server.channel(), follow);
    if (!stream.Next()) return false;
    const std::string id = MakeSession();
    const auto shown = [&id](const auto& message) {
      return message.changes_size() > 0 && message.changes(0).new_or_updated_entity().id() == id;
    };
    if (!stream.Await(shown)) return false;
    stream.Cancel();
    const auto before = pages_read();
    SessionChanges again(TheService().server.channel(),
                         "follow: true" + kHour + "data_version: " + Quote(stream.token()));
    const auto first = again.Next();
    EXPECT_TRUE(first && first->changes_size() == 0 && !first->more_records() && first->consistent());
    return pages_read() == before;
  };
  EXPECT_TRUE(Eventually(comes_back_for_nothing, std::chrono::seconds(20)));
}

}  // namespace
}  // namespace journeyfeed::testing
