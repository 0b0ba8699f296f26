// What one replica writes, the streams of another deliver at once; also when every notification is lost.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "tests/replicas/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace pb = journeyrunsession::v1;

struct Delays {
  double p50 = 0, p99 = 0, max = 0;  // milliseconds from the answer of the write to the delivery
};

Delays Measure(Replica& writer, Replica& follower, int writes) {
  std::mutex mutex;
  std::map<std::int64_t, Clock::time_point> arrived;
  std::atomic<bool> following = false;
  OneClient consumer(follower.address());
  grpc::ClientContext context;
  std::jthread reading([&] {
    pb::RetrieveEntityChangesRequest request;
    request.set_follow(true);
    request.set_skip_initial_load(true);
    const auto stream = consumer.stub().RetrieveEntityChanges(&context, request);
    pb::RetrieveEntityChangesResponse response;
    while (stream->Read(&response)) {
      const std::scoped_lock lock(mutex);
      for (const auto& change : response.changes()) arrived[change.version_number()] = Clock::now();
      following = true;
    }
    (void)stream->Finish();
  });
  EXPECT_TRUE(Eventually([&] { return following.load(); }, 20s));
  OneClient client(writer.address());
  std::map<std::int64_t, Clock::time_point> answered;
  for (int i = 0; i < writes; ++i) {
    const grpc::Status status = client.Upsert(i, "n");
    EXPECT_TRUE(status.ok()) << status.error_message();
    answered[client.version] = Clock::now();
    // Now and then a quiet time, as people make it.
    if (i % 5 == 0) (void)Eventually([until = Clock::now() + 60ms] { return Clock::now() > until; });
  }
  EXPECT_TRUE(Eventually(
      [&] {
        const std::scoped_lock lock(mutex);
        return arrived.size() >= answered.size();
      },
      20s));
  context.TryCancel();
  reading.join();
  std::vector<double> delays;
  for (const auto& [version, when] : answered) {
    if (!arrived.contains(version)) ADD_FAILURE() << "version " << version << " was not delivered";
    delays.push_back(std::max(0.0, std::chrono::duration<double, std::milli>(arrived[version] - when).count()));
  }
  std::sort(delays.begin(), delays.end());
  return {delays[delays.size() / 2], delays[delays.size() * 99 / 100], delays.back()};
}

TEST(WakeUp, AcrossReplicasWithAndWithoutNotifications) {
  Node node(Node::Fresh());
  node.Start();
  MakeFeed(node);
  Replica one({"--database-url", node.url()}), two({"--database-url", node.url()}),
      three({"--database-url", node.url()});
  const Delays told = Measure(one, two, 150);
  std::cout << "commit to delivery on another replica: p50 " << told.p50 << " ms, p99 " << told.p99 << " ms, max "
            << told.max << " ms\n";
  EXPECT_LT(told.p99, 250);
  EXPECT_GT(one.Metric("journeyfeed_commit_notifications_sent_total"), 0);
  EXPECT_GT(two.Metric("journeyfeed_commit_notifications_received_total"), 0);

  // A token of one is good on all.
  FeedFollower follower(node.url());
  for (Replica* replica : {&one, &two, &three, &one}) {
    ASSERT_TRUE(OneClient(replica->address()).Upsert(3, "more").ok());
    const auto status = follower.Follow(ConnectTo({replica->address()}), {.follow = false},
                                        [](const auto&) { return FeedFollower::Next::kGoOn; });
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_THAT(CheckFeed(follower.feed(), ReadFinalState(node.url())), ::testing::IsEmpty());

  Query(node.url(), "create or replace function journeyfeed.announce(p_payload text) returns void language sql as ''");
  const Delays silent = Measure(one, two, 150);
  std::cout << "with every notification lost: p50 " << silent.p50 << " ms, p99 " << silent.p99 << " ms, max "
            << silent.max << " ms\n";
  EXPECT_LT(silent.max, 1000);
  EXPECT_GT(two.Metric("journeyfeed_commits_polled_total"), 0);
}

}  // namespace
}  // namespace journeyfeed::testing
