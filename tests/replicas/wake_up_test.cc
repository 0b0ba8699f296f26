// Streams of one replica deliver the writes of another at once, even if every notification is lost.
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
  EXPECT_TRUE(Eventually([&] { return following.load(); }, 60s));
  OneClient client(writer.address());
  std::map<std::int64_t, Clock::time_point> answered;
  for (int i = 0; i < writes; ++i) {
    const grpc::Status status = client.Upsert(i, "n");
    EXPECT_TRUE(status.ok()) << status.error_message();
    answered[client.version] = Clock::now();
    // An occasional quiet period, like with human users.
    if (i % 5 == 0) (void)Eventually([until = Clock::now() + 60ms] { return Clock::now() > until; });
  }
  EXPECT_TRUE(Eventually(
      [&] {
        const std::scoped_lock lock(mutex);
        return arrived.size() >= answered.size();
      },
      60s));
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

class WakeUp : public ::testing::Test {
 protected:
  WakeUp() {
    node_.Start();
    MakeFeed(node_);
    for (auto* replica : {&one_, &two_}) replica->emplace(std::vector<std::string>{"--database-url", node_.url()});
  }
  // How often a replica first learned of a commit in this way.
  static double Looks(const Replica& replica, const std::string& cause) {
    return replica.Metric("journeyfeed_commit_looks_total{cause=\"" + cause + "\"}");
  }
  void Report(const std::string& how, const Delays& delays) const {
    std::cout << how << ": p50 " << delays.p50 << " ms, p99 " << delays.p99 << " ms, max " << delays.max << " ms; "
              << Looks(*two_, "notification") << " by notification, " << Looks(*two_, "poll") << " by poll\n";
  }

  Node node_{Node::Fresh()};
  std::optional<Replica> one_, two_;
};

// The poll also finds everything soon after: the counters distinguish the two.
TEST_F(WakeUp, ANotificationOfAnotherReplicaWakesStreams) {
  Report("commit to delivery on another replica", Measure(*one_, *two_, 150));
  EXPECT_GT(one_->Metric("journeyfeed_commit_notifications_sent_total"), 0);
  EXPECT_GT(two_->Metric("journeyfeed_commit_notifications_received_total"), 0);
  OneClient client(one_->address());
  EXPECT_TRUE(Eventually([&] { return client.Upsert(1, "more").ok() && Looks(*two_, "notification") >= 20; }, 60s))
      << Looks(*two_, "notification") << " commits were learnt of by notification";
  EXPECT_GT(Looks(*one_, "own"), 0);
}

TEST_F(WakeUp, WithEveryNotificationLostThePollFindsWhatIsCommitted) {
  Query(node_.url(), "create or replace function journeyfeed.announce(p_payload text) returns void language sql as ''");
  Report("with every notification lost", Measure(*one_, *two_, 150));
  EXPECT_EQ(Looks(*two_, "notification"), 0);
  EXPECT_GT(Looks(*two_, "poll"), 0);
  EXPECT_GT(two_->Metric("journeyfeed_commits_polled_total"), 0);
}

TEST_F(WakeUp, ATokenOfOneReplicaIsGoodOnAll) {
  FeedConsumer follower(node_.url());
  for (Replica* replica : {&*one_, &*two_, &*one_}) {
    ASSERT_TRUE(OneClient(replica->address()).Upsert(3, "more").ok());
    const auto status = follower.Follow(ConnectTo({replica->address()}), {.follow = false},
                                        [](const auto&) { return FeedConsumer::Next::kGoOn; });
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_THAT(CheckFeed(follower.feed(), ReadFinalState(node_.url())), ::testing::IsEmpty());
}

}  // namespace
}  // namespace journeyfeed::testing
