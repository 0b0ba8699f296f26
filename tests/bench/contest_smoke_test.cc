// The contest itself, for a moment: that what it measures is there. It asserts no times.
#include <gmock/gmock.h>

#include "tests/bench/contenders/entrants.h"
#include "tests/bench/feed/feed_load.h"

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr int kFollowers = 20;

FeedLoad ShortLoad() {
  return {.followers = kFollowers,
          .per_connection = 5,
          .records_per_second = 200,
          .per_call = 2,
          .warm_up = 200ms,
          .window = 800ms};
}

Entrant Start(const char* name) { return StartEntrants({}, {name}).front(); }

void ExpectAllDelivered(const Metrics& metrics) {
  EXPECT_GT(metrics.at("written"), 0);
  EXPECT_EQ(metrics.at("delivered"), metrics.at("written") * kFollowers);
  EXPECT_EQ(metrics.at("lost"), 0);
  EXPECT_EQ(metrics.at("wrong_followers"), 0);
  EXPECT_GT(metrics.at("messages_per_s"), 0);
  EXPECT_GT(metrics.at("received_mb_per_s"), 0);
  EXPECT_GT(metrics.at("server_rss_mb"), 0);
}

TEST(ContestSmokeTest, WhatTheServiceWasGivenIsDeliveredToAll) {
  const Entrant service = Start(kJourneyfeed);
  ExpectAllDelivered(RunFeedLoad(*service, ShortLoad()).metrics);
  service->RestartServer();
  ExpectAllDelivered(RunFeedLoad(*service, ShortLoad()).metrics);
}

TEST(ContestSmokeTest, WhatTheFloorWasGivenIsDeliveredToAll) {
  ExpectAllDelivered(RunFeedLoad(*Start(kFloor), ShortLoad()).metrics);
}

// The floor, whose followers connect to another one that nobody writes to.
class Lossy final : public Contender {
 public:
  std::string name() const override { return "lossy"; }
  http2::Address address() const override { return written_->address(); }
  http2::Address follow_address() const override { return followed_->address(); }
  pid_t server() const override { return written_->server(); }
  http2::Call Follow(const Partition& partition) const override { return followed_->Follow(partition); }
  http2::Call Write(const std::vector<std::string>& texts, const Partition& partition) override {
    return written_->Write(texts, partition);
  }
  void RestartServer() override { written_->RestartServer(); }

 private:
  const Entrant written_ = Start(kFloor), followed_ = Start(kFloor);
};

TEST(ContestSmokeTest, AContenderThatLosesIsFound) {
  Lossy lossy;
  FeedLoad load = ShortLoad();
  load.patience = 500ms;
  const Measurement measurement = RunFeedLoad(lossy, load);
  EXPECT_THAT(measurement.faults, Contains(HasSubstr("did not get exactly what was written")));
  EXPECT_EQ(measurement.metrics.at("lost"), measurement.metrics.at("written") * kFollowers);
}

}  // namespace
}  // namespace journeyfeed::bench
