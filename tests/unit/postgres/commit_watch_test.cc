// Two servers over one database, and how they hear of each other. Neither polls by itself within a test: everything
// learned was announced.
#include "storage/postgres/feed/commit_watch.h"

#include <gtest/gtest.h>

#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/or_throw.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
using testing::FeedDatabase;

class Server {
 public:
  Server(const FeedDatabase& database, TokenKeys keys)
      : guard_(database.url(), 10s, metrics_),
        watch_(
            {.poll_interval = 1h, .timeout = 10s, .keys = [keys = std::move(keys)] { return keys; }}, guard_, metrics_,
            [this](const auto&, const LogState&) { ++looks; }, [this](const auto&, std::int64_t head) { hint = head; }),
        connection_(Connection::Open(database.url(), "", 10s).value()) {
    if (!watch_.Begin(*connection_)) throw std::runtime_error("cannot listen");
    Step();  // the first poll
  }

  void Step() {
    watch_.Wake();
    if (watch_.Step(*connection_) != CommitWatch::State::kGood) throw std::runtime_error("lost");
  }
  [[nodiscard]] bool StepUntil(const std::function<bool()>& condition) {
    return testing::Eventually([&] {
      Step();
      return condition();
    });
  }
  void Commit(const postgres::LogPoint& point) {
    watch_.Committed(testing::Sessions(), point);
    Step();
  }
  std::optional<postgres::LogPoint> Known() const { return guard_.Known(testing::Sessions()); }
  double Unverified() const { return metrics_.replication().unverified->Value(); }

  int looks = 0;
  std::int64_t hint = 0;

 private:
  const StoreMetrics metrics_{nullptr};
  HistoryGuard guard_;
  CommitWatch watch_;
  std::unique_ptr<Connection> connection_;
};

class CommitWatchTest : public ::testing::Test {
 protected:
  // The newest point of the database, `further` ahead.
  postgres::LogPoint Next(std::int64_t further) const {
    postgres::LogPoint point = one_.Known().value();
    point.seq += further;
    point.nonce = 7;
    return point;
  }
  void Notify(const std::string& payload) const {
    database_.Ask("select pg_notify('journeyfeed_commit', '" + payload + "')");
  }

  const TokenKeys keys_{{1, "of all servers"}};
  FeedDatabase database_;
  Server one_{database_, keys_}, two_{database_, keys_}, stranger_{database_, {{1, "of nobody else"}}};
};

TEST_F(CommitWatchTest, ACommitThatAnotherServerTellsIsBelieved) {
  one_.Commit(Next(5));
  ASSERT_TRUE(two_.StepUntil([&] { return two_.hint != 0; }));
  EXPECT_EQ(two_.hint, Next(0).seq);
  EXPECT_EQ(two_.Known(), one_.Known());
  EXPECT_EQ(two_.Unverified(), 0);
}

TEST_F(CommitWatchTest, OneWithAnotherKeyOnlyBringsTheNextLookForward) {
  const auto known = one_.Known();
  const int looks = one_.looks;
  stranger_.Commit(Next(1'000'000));
  ASSERT_TRUE(one_.StepUntil([&] { return one_.Unverified() == 1; }));
  EXPECT_TRUE(one_.StepUntil([&] { return one_.looks > looks; }));
  EXPECT_EQ(one_.hint, 0);
  EXPECT_EQ(one_.Known(), known);
}

// A server of the previous version beside this one in a rollout: it sends no code. A poll finds its commits at once.
TEST_F(CommitWatchTest, ACommitOfAVersionBeforeTheCodeIsFound) {
  testing::WriteConnection writer(database_);
  const auto written = writer.Write(testing::UpsertRow(testing::Key(1), "n"));
  ASSERT_TRUE(written) << written.error().message;
  const postgres::LogPoint point = testing::OrThrow(postgres::DecodePoint(written->point));
  Notify("1 " + std::to_string(point.history) + " " + std::to_string(point.timeline) + " " + std::to_string(point.seq) +
         " " + std::to_string(point.nonce));
  EXPECT_TRUE(one_.StepUntil([&] { return one_.Known()->seq == point.seq; }));
  EXPECT_EQ(one_.Unverified(), 1);
}

// A flood of them does not make the server read the database more than ten times a second.
TEST_F(CommitWatchTest, AFloodOfForgedOnesIsCountedAndLookedAfterSeldom) {
  const int looks = one_.looks;
  const auto begun = std::chrono::steady_clock::now();
  database_.Ask("select count(pg_notify('journeyfeed_commit', i::text)) from generate_series(1, 5000) i");
  ASSERT_TRUE(one_.StepUntil([&] { return one_.Unverified() == 5000; }));
  const auto tenths = (std::chrono::steady_clock::now() - begun) / 100ms;
  const auto entities = static_cast<std::int64_t>(dictionary::AllEntities().size());
  EXPECT_LE(one_.looks - looks, (tenths + 1) * entities);
}

}  // namespace
}  // namespace journeyfeed::postgres
