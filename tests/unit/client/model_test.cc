// A consumer that is killed at any batch, over a feed that loses its place at any time.
#include <gtest/gtest.h>

#include "journeyfeed/client/channel.h"
#include "journeyfeed/client/typed.h"
#include "tests/unit/client/copy.h"
#include "tests/unit/client/model_feed.h"

namespace journeyfeed::client::testing {
namespace {

using cli::testing::FakeService;
using journeyrunsession::v1::JourneyRunSession;

// Runs until the end of the feed; each run is a new consumer from the stored place.
void FollowWithKills(const std::string& address, const ModelFeed& feed, Copy& copy, unsigned seed) {
  std::minstd_rand random(seed);
  for (bool complete = false; !complete;) {
    complete = true;
    FeedConsumer consumer(MakeChannel(address, grpc::InsecureChannelCredentials()),
                          {.service = ServiceOf<JourneyRunSession>(), .follow = false});
    ASSERT_TRUE(consumer.Run(copy.place(), [&](const Batch& batch) {
      const unsigned fate = random() % 16;
      complete = fate > 1;
      if (fate == 0) return Next::kStop;  // killed before its commit
      copy.Apply(batch);
      if (batch.message.consistent()) {
        EXPECT_EQ(copy.versions(), feed.StateAt(batch.message.data_token())) << copy.place().ToText();
      }
      return fate == 1 ? Next::kStop : Next::kContinue;  // killed after it
    }));
  }
}

TEST(Model, TheCopyIsTheTableWheneverTheFeedSaysSo) {
  constexpr int kCases = 60;
  int expired = 0;
  int lost = 0;
  FakeService service;
  for (unsigned seed = 1; seed <= kCases && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    ModelFeed feed(seed, 60);
    service.sessions.stream = [&](int, const auto& request, auto& writer, auto&) {
      return feed.Stream(request, writer);
    };
    Copy copy;
    FollowWithKills(service.address, feed, copy, seed);
    EXPECT_EQ(copy.versions(), feed.table());
    EXPECT_FALSE(copy.place().loading);
    expired += feed.expired();
    lost += feed.lost();
  }
  EXPECT_GT(expired, kCases / 4);
  EXPECT_GT(lost, kCases / 8);
}

}  // namespace
}  // namespace journeyfeed::client::testing
