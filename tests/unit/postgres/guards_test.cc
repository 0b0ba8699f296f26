// An exception ends neither a thread of the store nor the process, and other callers still get their answers.
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "storage/base/guarded.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/upkeep/expiry_sweeper.h"
#include "tests/support/eventually.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 20s;

// Throws at its first call.
class OnceThrowing {
 public:
  void operator()() {
    if (++calls_ == 1) throw std::runtime_error("a test");
  }
  int calls() const { return calls_; }

 private:
  std::atomic<int> calls_ = 0;
};

TEST(Guarded, SaysWhetherAnExceptionCame) {
  int ran = 0;
  EXPECT_TRUE(Guarded("a test", [&] { ++ran; }));
  EXPECT_FALSE(Guarded("a test", [&] { throw std::runtime_error("a test"); }));
  EXPECT_FALSE(Guarded("a test", [&] { throw 1; }));
  EXPECT_EQ(ran, 1);
}

class GuardsTest : public ::testing::Test {
 protected:
  void CreateExpiring(int number) { ASSERT_EQ(Short(writer_.Write(CreateRow(Key(number), "n", 1))).front(), 'C'); }
  postgres::PostgresSettings Settings() {
    postgres::PostgresSettings settings;
    settings.conninfo = database_.url();
    return settings;
  }
  bool IsGone(int number) {
    return database_.Ask("select count(*) from journeyfeed.journey_run_session where id = '" +
                         Key(number).id.ToString() + "'") == "0";
  }

  FeedDatabase database_;
  WriteConnection writer_{database_};
};

TEST_F(GuardsTest, TheSweeperGoesOn) {
  OnceThrowing admit, commit;
  const postgres::StoreMetrics metrics(nullptr);
  const postgres::ExpirySweeper sweeper(
      Sessions(),
      {.conninfo = database_.url(),
       .options = "",
       .interval = 50ms,
       .on_commit = [&](const dictionary::Entity&, const postgres::LogPoint&) { commit(); },
       .admit = [&](postgres::Connection&) -> Result<void> { return admit(), Result<void>(); }},
      {.timeout = kTimeout,
       .repair = [](const dictionary::Entity&, const postgres::SqlError&) {},
       .report = [](const postgres::SqlError&) {}},
      metrics.Of(Sessions()).sweeper);
  for (int record = 1; record < 4; ++record) {
    CreateExpiring(record);
    EXPECT_TRUE(Eventually([&] { return IsGone(record); }, 60s)) << record;
  }
  EXPECT_GE(admit.calls(), 2);
  EXPECT_GE(commit.calls(), 2);
}

TEST_F(GuardsTest, TheSupervisorTellsAgainThatTheDatabaseIsReady) {
  OnceThrowing told;
  std::atomic<bool> ready = false;
  postgres::PostgresStore store(Settings(), [](const Failure&) {});
  store.SetReadyListener([&](bool now) {
    if (now) told();
    ready = now;
  });
  store.Start();
  EXPECT_TRUE(Eventually([&] { return ready.load(); }, 30s));
  EXPECT_EQ(told.calls(), 2);
}

TEST_F(GuardsTest, AListenerThatThrowsCostsNoWriteItsAnswer) {
  std::atomic<bool> ready = false;
  std::atomic<int> heads = 0;
  postgres::PostgresStore store(Settings(), [](const Failure&) {});
  store.SetReadyListener([&](bool now) { ready = now; });
  store.SetCommitListener([&](const dictionary::Entity&, std::int64_t) {
    ++heads;
    throw std::runtime_error("a test");
  });
  store.Start();
  ASSERT_TRUE(Eventually([&] { return ready.load(); }, 30s));
  for (int i = 0; i < 3; ++i) {
    std::promise<Outcome> answer;
    store.Write(CallOf(CreateRow(Key(100 + i), "n")), [&](Outcome outcome) { answer.set_value(std::move(outcome)); });
    auto answered = answer.get_future();
    ASSERT_EQ(answered.wait_for(kTimeout), std::future_status::ready);
    EXPECT_EQ(Short(answered.get()).front(), 'C');
  }
  EXPECT_GE(heads, 3);
  EXPECT_TRUE(ready);
  store.Stop();
}

}  // namespace
}  // namespace journeyfeed::testing
