// What streams may take together: their number, the memory of their pages, and how long a consumer may take nothing.
#include "services/feed/stream_limits.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/support/eventually.h"
#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using feed::Share;
using feed::StreamLimits;

constexpr std::size_t kMiB = 1 << 20;

feed::FeedSettings With(const feed::StreamLimitSettings& limits) {
  return {.live = {.ring_bytes = 0}, .streams = limits};
}

StreamServer::Request FollowingLargePages() {
  StreamServer::Request request;
  request.set_follow(true);
  return request;
}

TEST(StreamLimitsTest, PagesShrinkAsMemoryFillsAndGrowAgain) {
  StreamLimits limits({.page_bytes = 64 * kMiB});
  EXPECT_EQ(limits.NextPageBytes(), 3 << 20);
  std::vector<Share> held;
  std::int64_t before = limits.NextPageBytes();
  while (limits.held_bytes() < 63 * kMiB) {
    held.push_back(limits.HoldPage(static_cast<std::size_t>(limits.NextPageBytes())));
    EXPECT_LE(limits.NextPageBytes(), before);
    before = limits.NextPageBytes();
    EXPECT_EQ(limits.MayReadAhead(), limits.held_bytes() <= 32 * kMiB);
  }
  held.push_back(limits.HoldPage(1000 * kMiB));
  EXPECT_EQ(limits.NextPageBytes(), 16 << 10) << "never nothing: a consumer that reads goes on";
  held.clear();
  EXPECT_EQ(limits.held_bytes(), 0U);
  EXPECT_EQ(limits.NextPageBytes(), 3 << 20);
}

TEST(StreamLimitsTest, AShareIsGivenBackOnce) {
  StreamLimits limits({.most_streams = 1});
  Share first = limits.CountStream();
  EXPECT_FALSE(limits.Full());
  {
    Share second = limits.CountStream();
    EXPECT_TRUE(limits.Full());
    first = std::move(second);
    EXPECT_FALSE(limits.Full());
  }
  EXPECT_FALSE(limits.Full());
  const Share third = limits.CountStream();
  EXPECT_TRUE(limits.Full()) << "the first one was given back by the last";
}

TEST(StreamLimitsTest, AStreamTooManyIsRefusedWithTheTimeToComeBack) {
  StreamServer server({}, With({.most_streams = 1}));
  server.store.Answer(PageAt(10, 10, 1));
  grpc::ClientContext context;
  const auto open = server.Open(context, FollowingLargePages());
  StreamServer::Response message;
  ASSERT_TRUE(open->Read(&message));
  std::vector<StreamServer::Response> messages;
  const grpc::Status refused = server.Read(FollowingLargePages(), messages);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << refused.error_message();
  EXPECT_NE(refused.error_details().find("RetryInfo"), std::string::npos);
  EXPECT_TRUE(messages.empty());
  context.TryCancel();
  open->Finish();
  const auto accepted = [&] {
    messages.clear();
    return server.Read(FollowingLargePages(), messages, [](const auto&) { return true; }).error_code() !=
           grpc::StatusCode::RESOURCE_EXHAUSTED;
  };
  EXPECT_TRUE(Eventually(accepted, 10s));
}

// gRPC takes 4 to 5 MB of a consumer that reads nothing; then a message waits.
TEST(StreamLimitsTest, AConsumerThatTakesNothingIsCutOffAndGivesItsMemoryBack) {
  StreamServer server({}, With({.stall_timeout = 300ms}));
  for (std::int64_t seq = 10; seq < 40; ++seq) server.store.Answer(LargePageAt(seq, kMiB));
  grpc::ClientContext context;
  const auto idle = server.Open(context, FollowingLargePages());
  const auto& limits = server.feed().limits();
  EXPECT_TRUE(Eventually([&] { return limits.held_bytes() >= kMiB; }, 10s));
  EXPECT_TRUE(Eventually([&] { return limits.held_bytes() == 0; }, 10s));
  StreamServer::Response message;
  while (idle->Read(&message)) {
  }
  EXPECT_FALSE(idle->Finish().ok());
}

TEST(StreamLimitsTest, AStreamThatEndsWhileItsConsumerTakesNothingIsCutOffToo) {
  StreamServer server({.mean = 200ms}, With({.stall_timeout = 1s}));
  for (std::int64_t seq = 10; seq < 40; ++seq) server.store.Answer(LargePageAt(seq, kMiB));
  grpc::ClientContext context;
  const auto idle = server.Open(context, FollowingLargePages());
  const auto& limits = server.feed().limits();
  EXPECT_TRUE(Eventually([&] { return limits.held_bytes() >= kMiB; }, 10s));
  EXPECT_TRUE(Eventually([&] { return limits.held_bytes() == 0; }, 10s));
}

TEST(StreamLimitsTest, ConsumersThatTakeNothingMakeThePagesOfOthersSmaller) {
  StreamServer server({}, With({.page_bytes = 2 * kMiB}));
  for (std::int64_t seq = 10; seq < 40; ++seq) server.store.Answer(LargePageAt(seq, kMiB));
  grpc::ClientContext context, another;
  const auto idle = server.Open(context, FollowingLargePages());
  EXPECT_TRUE(Eventually([&] { return server.feed().limits().held_bytes() >= kMiB; }, 10s));
  const auto other = server.Open(another, FollowingLargePages());
  StreamServer::Response message;
  ASSERT_TRUE(other->Read(&message));
  const auto asked = server.store.asked();
  EXPECT_EQ(asked.front().max_bytes, 256 << 10);
  EXPECT_LE(std::ranges::min(asked, {}, &ChangePageRequest::max_bytes).max_bytes, 128 << 10);
  context.TryCancel();
  another.TryCancel();
}

}  // namespace
}  // namespace journeyfeed::testing
