// A rolling restart of three replicas under load, with many followers and the recommended retry policy.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "tests/replicas/replica.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

TEST(Drain, ARollingRestartUnderLoadCostsNobodyAnything) {
  const char* given = std::getenv("JOURNEYFEED_FOLLOWERS");
  const int followers = given ? std::stoi(given) : 200;
  Node node(Node::Fresh());
  node.Start();
  MakeFeed(node);
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < 3; ++i)
    replicas.push_back(
        std::make_unique<Replica>(std::vector<std::string>{"--database-url", node.url(), "--drain-lame-duck", "2s"}));
  ASSERT_NE(RecommendedServiceConfig(), "");
  Clients clients({.addresses = AddressesOf(replicas),
                   .database_url = node.url(),
                   .seed = 3,
                   .writers = 4,
                   .followers = followers,
                   .followers_die = false});
  ASSERT_TRUE(clients.AwaitFollowing());
  ASSERT_TRUE(clients.AwaitWork(50));
  for (auto& replica : replicas) {
    EXPECT_EQ(replica->Restart(), 0) << replica->process().log();
    ASSERT_TRUE(clients.AwaitWork(20));
  }
  EXPECT_THAT(clients.Finish(node.url()), IsEmpty());
  EXPECT_THAT(clients.failed_calls(), IsEmpty()) << "calls that failed in spite of the retry policy";
  const auto hints = clients.reconnect_hints();
  EXPECT_GE(hints.size(), static_cast<std::size_t>(followers)) << "every stream was on a replica that ended";
  const auto [least, most] = std::minmax_element(hints.begin(), hints.end());
  EXPECT_LE(*most, 5s);
  EXPECT_GT(*most - *least, 2s) << "reconnections are spread";
  std::cout << clients.acknowledged() << " writes, " << hints.size() << " streams ended by drains, "
            << clients.resumed() << " streams in all\n";
}

}  // namespace
}  // namespace journeyfeed::testing
