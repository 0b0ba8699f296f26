// Batches that hit the statement timeout, and how long their calls may take when they are split.
#include <gtest/gtest.h>

#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/write/write_batch.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using postgres::Connection;

constexpr auto kBatchTimeout = 60s;

class BlockedBatchTest : public ::testing::Test {
 protected:
  // A record named "slow" takes forever; the last statement timeout that applied to it is recorded.
  BlockedBatchTest() {
    database_.Ask("create sequence public.met_timeout");
    database_.Ask(
        "create function public.sleep() returns trigger language plpgsql as $$ begin"
        " perform setval('public.met_timeout', (select setting::bigint from pg_settings where name = "
        "'statement_timeout'));"
        " perform pg_sleep(600); return new; end $$");
    database_.Ask(
        "create trigger sleep before insert on journeyfeed.journey_run_session for each row when (new.name = 'slow')"
        " execute function public.sleep()");
  }

  void Open(const std::string& options) {
    auto opened = Connection::Open(database_.url(), options, kBatchTimeout);
    ASSERT_TRUE(opened) << opened.error().message;
    connection_ = *std::move(opened);
  }

  std::vector<CallFate> Execute(const std::vector<WriteRequest>& calls) {
    std::vector<const WriteRequest*> pointers;
    for (const WriteRequest& call : calls) pointers.push_back(&call);
    std::vector<CallFate> fates(calls.size(), CallFate::kAnswered);
    const auto outcomes =
        ExecuteBatch(*connection_, Sessions(), pointers,
                     {.timeout = kBatchTimeout,
                      .repair = [](const dictionary::Entity&, const postgres::SqlError&) {},
                      .report = [this](const postgres::SqlError& error) { states_.push_back(error.sql_state); }},
                     &fates);
    EXPECT_EQ(outcomes.size(), calls.size());
    return fates;
  }

  std::string StatementTimeout() {
    const auto shown =
        connection_->ExecuteOnce("show statement_timeout", {}, postgres::ResultFormat::kText, kBatchTimeout);
    return shown ? PQgetvalue(shown->get(), 0, 0) : shown.error().message;
  }
  std::string MetTimeout() { return database_.Ask("select last_value from public.met_timeout"); }

  FeedDatabase database_;
  std::unique_ptr<Connection> connection_;
  std::vector<std::string> states_;
};

// Else it would take as long again, and its batch with it.
TEST_F(BlockedBatchTest, TheCallThatTookTheTimeOfItsBatchIsGivenLittleMore) {
  Open("-c statement_timeout=2000");
  const auto fates =
      Execute({CallOf(CreateRow(Key(1), "slow")), CallOf(CreateRow(Key(2), "n")), CallOf(CreateRow(Key(3), "n"))});
  EXPECT_EQ(states_, std::vector<std::string>(2, std::string(postgres::kQueryCanceled)));
  EXPECT_EQ(MetTimeout(), "1000");
  EXPECT_EQ(fates, (std::vector{CallFate::kBlocked, CallFate::kUntried, CallFate::kUntried}));
  EXPECT_EQ(StatementTimeout(), "2s") << "the next batch has its own time again";
}

TEST_F(BlockedBatchTest, AShorterStatementTimeoutStays) {
  Open("-c statement_timeout=500");
  Execute({CallOf(CreateRow(Key(1), "slow")), CallOf(CreateRow(Key(2), "n"))});
  EXPECT_EQ(MetTimeout(), "500");
  EXPECT_EQ(StatementTimeout(), "500ms");
}

// A call that shares no batch has the time of a normal statement.
TEST_F(BlockedBatchTest, ACallByItselfHasTheWholeTime) {
  Open("-c statement_timeout=2000");
  EXPECT_EQ(Execute({CallOf(CreateRow(Key(1), "slow"))}), std::vector{CallFate::kBlocked});
  EXPECT_EQ(MetTimeout(), "2000");
}

}  // namespace
}  // namespace journeyfeed::testing
