// The stream through the real server: finite calls under load end (docs/interleavings.md 6.1), and followers see
// everything.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/feed_consumer.h"
#include "tests/support/page_reader.h"
#include "tests/support/server_process.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using Next = FeedConsumer::Next;

class FollowTest : public ::testing::Test {
 protected:
  // Reads to the head with a finite call. The server may not be ready yet.
  void ReadToHead(FeedConsumer& follower, const ConsumeOptions& options = {.follow = false}) {
    grpc::Status status;
    EXPECT_TRUE(Eventually(
        [&] {
          status = follower.Follow(channel_, options, [](const RecordedMessage&) { return Next::kGoOn; });
          return status.error_code() != grpc::StatusCode::UNAVAILABLE;
        },
        60s));
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  // Writers on separate connections, like another replica.
  void Write(int sessions) {
    for (int t = 0; t < sessions; ++t) {
      writers_.emplace_back([this, t](std::stop_token stop) {
        WriteConnection session(database_);
        for (int i = 0; !stop.stop_requested(); ++i) {
          std::vector<WriteRequest> calls;
          for (int k = 0; k < 4; ++k) {
            const RecordKey key = Key((i * 7 + k) % 60);
            calls.push_back(CallOf(i % 6 == 5 ? DeleteRow(key) : UpsertRow(key, "t" + std::to_string(t))));
          }
          session.Write(calls);
          written_ += 4;
        }
      });
    }
  }

  FeedDatabase database_;
  ServerProcess server_{{"--database-url", database_.url(), "--log-level", "warning"}};
  std::shared_ptr<grpc::Channel> channel_ = ConnectAlone(server_.address());
  std::atomic<int> written_ = 0;
  std::vector<std::jthread> writers_;
};

TEST_F(FollowTest, AFiniteCallUnderLoadEndsConsistentWhenItsPagesKeepUp) {
  Write(2);
  int consistent = 0, calls = 0;
  FeedConsumer follower(database_.url());
  ReadToHead(follower);
  const auto end = std::chrono::steady_clock::now() + 90s;
  for (; calls < 12 || (written_ < 200 && std::chrono::steady_clock::now() < end); ++calls) {
    ReadToHead(follower);
    consistent += follower.feed().messages.back().consistent ? 1 : 0;
  }
  EXPECT_GE(written_, 200);
  EXPECT_EQ(consistent, calls) << "a reader that is faster than the writers ends at a state of the database";
  writers_.clear();
  ReadToHead(follower);
  EXPECT_THAT(CheckFeed(follower.feed(), database_.Final()), IsEmpty());
}

// One log row per page: the stream never reaches the head. It still ends, at most 20 pages after the head at its
// arrival, and reports that it is inconsistent.
TEST_F(FollowTest, AFiniteCallThatCannotKeepUpEndsInconsistent) {
  FeedConsumer follower(database_.url());
  ReadToHead(follower);
  Write(2);
  ASSERT_TRUE(Eventually([&] { return written_ > 200; }, 60s));
  const ConsumeOptions slow{.follow = false, .max_changes_per_message = 1};
  int inconsistent = 0;
  const auto end = std::chrono::steady_clock::now() + 90s;
  for (int i = 0; i < 3 || (inconsistent == 0 && std::chrono::steady_clock::now() < end); ++i) {
    ReadToHead(follower);  // else there would be thousands of pages to read
    const std::int64_t head = std::stoll(database_.Ask("select max(seq) from journeyfeed.journey_run_session_log"));
    ReadToHead(follower, slow);
    const RecordedMessage& last = follower.feed().messages.back();
    EXPECT_GE(last.position.seq, head) << "it ends at or after the head of its arrival";
    inconsistent += last.consistent ? 0 : 1;
  }
  EXPECT_GT(inconsistent, 0);
  writers_.clear();
  ReadToHead(follower);
  EXPECT_THAT(CheckFeed(follower.feed(), database_.Final()), IsEmpty());
}

TEST_F(FollowTest, FollowersThatDieAndResumeSeeEverythingOnce) {
  Write(2);
  std::vector<std::unique_ptr<FeedConsumer>> followers;
  std::vector<std::jthread> threads;
  std::atomic<std::int64_t> stop_at = -1;
  std::atomic<int> streams = 0;
  for (int i = 0; i < 3; ++i) {
    followers.push_back(std::make_unique<FeedConsumer>(database_.url()));
    threads.emplace_back([&, i] {
      FeedConsumer& follower = *followers[static_cast<std::size_t>(i)];
      int messages = 0;
      const auto end = std::chrono::steady_clock::now() + 90s;
      while (!(stop_at >= 0 && follower.AtOrAfter(stop_at)) && std::chrono::steady_clock::now() < end) {
        follower.Follow(channel_, {.max_changes_per_message = i * 5}, [&](const RecordedMessage& message) {
          if (stop_at >= 0 && !message.position.load && message.position.seq >= stop_at) return Next::kStop;
          return ++messages % 9 == 8 ? Next::kDie : Next::kGoOn;
        });
        ++streams;
      }
    });
  }
  ASSERT_TRUE(Eventually([&] { return written_ > 600 && streams > 12; }, 60s));
  writers_.clear();
  stop_at = std::stoll(database_.Ask("select max(seq) from journeyfeed.journey_run_session_log"));
  threads.clear();
  const FinalState final = database_.Final();
  for (const auto& follower : followers) EXPECT_THAT(CheckFeed(follower->feed(), final), IsEmpty());
}

}  // namespace
}  // namespace journeyfeed::testing
