// Request ids (docs/interleavings.md 3): whatever is killed and however often a call is repeated, an id is executed
// once.
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::StartsWith;

WriteRequest WithRequest(WriteRow row, int request, std::int64_t fingerprint = 1) {
  WriteRequest call = CallOf(std::move(row));
  call.request_id = Uuid::FromName("request " + std::to_string(request));
  call.fingerprint = fingerprint;
  return call;
}

class RequestIdTest : public ::testing::Test {
 protected:
  FeedDatabase database_;
  WriteConnection a_{database_}, b_{database_};
};

TEST_F(RequestIdTest, ARepetitionAnswersTheStoredOutcome) {
  const Outcome first = std::move(a_.Write({WithRequest(CreateRow(Key(1), "a"), 1)}).front());
  a_.Write(UpdateRow(Key(1), "later"));
  // The server makes another id for the same payload.
  const Outcome again = std::move(b_.Write({WithRequest(CreateRow(Key(2), "a"), 1)}).front());
  EXPECT_EQ(Short(again), Short(first));
  EXPECT_EQ(again->rows[0].key, Key(1));
  EXPECT_EQ(again->point, first->point);
  EXPECT_EQ(database_.Final().table.size(), 1U);
}

TEST_F(RequestIdTest, AnotherPayloadIsRefusedAndAnotherCallerOrMessageIsAnotherRequest) {
  ASSERT_THAT(Short(a_.Write({WithRequest(CreateRow(Key(1), "a"), 1)}).front()), StartsWith("C"));
  EXPECT_EQ(Short(a_.Write({WithRequest(CreateRow(Key(2), "b"), 1, 2)}).front()), "R");
  WriteRequest other = WithRequest(CreateRow(Key(3), "c"), 1);
  other.initiating_user = Uuid::FromName("somebody else");
  EXPECT_THAT(Short(a_.Write({other}).front()), StartsWith("C"));
  EXPECT_THAT(Short(a_.Write({WithRequest(UpdateRow(Key(1), "d"), 1)}).front()), StartsWith("U"));
}

TEST_F(RequestIdTest, ARepetitionInFlightWaitsAndIsAnsweredOrTakesOver) {
  for (const bool killed : {false, true}) {
    const int request = killed ? 2 : 1;
    ASSERT_EQ(a_.Execute("begin"), "");
    a_.Write({WithRequest(CreateRow(Key(request), "a"), request)});
    b_.Start({WithRequest(CreateRow(Key(request + 10), "a"), request)});
    ASSERT_TRUE(b_.Running());
    killed ? Terminate(database_, a_.pid()) : (void)a_.Execute("commit");
    const Outcome outcome = std::move(b_.Finish().front());
    EXPECT_EQ(outcome->rows[0].key, Key(killed ? 12 : 1));
  }
  EXPECT_EQ(database_.Final().table.size(), 2U);
}

TEST_F(RequestIdTest, AFailedCallIsExecutedAgain) {
  EXPECT_EQ(Short(a_.Write({WithRequest(UpdateRow(Key(1), "a"), 1)}).front()), "N");
  ASSERT_THAT(Short(a_.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
  EXPECT_THAT(Short(a_.Write({WithRequest(UpdateRow(Key(1), "a"), 1)}).front()), StartsWith("U"));
}

TEST_F(RequestIdTest, ACallOfManyRowsIsReplayedRowByRow) {
  WriteRequest call = CallOf({CreateRow(Key(1), "a"), UpdateRow(Key(9), "no such"), CreateRow(Key(2), "b")});
  call.request_id = Uuid::FromName("many");
  const Outcome first = std::move(a_.Write({call}).front());
  ASSERT_THAT(Short(a_.Write(CreateRow(Key(9), "now there is"))), StartsWith("C"));
  const Outcome again = std::move(b_.Write({call}).front());
  EXPECT_EQ(Short(again, 0), Short(first, 0));
  EXPECT_THAT(Short(again, 1), StartsWith("U"));
  EXPECT_EQ(Short(again, 2), Short(first, 2));
}

// After a day an id is free again; a repetition then returns its latest outcome, not that of the day before.
TEST_F(RequestIdTest, AfterADayTheIdIsFreeAgain) {
  const Outcome first = std::move(a_.Write({WithRequest(UpsertRow(Key(1), "a"), 1)}).front());
  database_.Ask(
      "create table journeyfeed.request_outcome_old partition of journeyfeed.request_outcome for values from "
      "('2000-01-01') to"
      " (date_trunc('day', now() at time zone 'UTC')::text::timestamptz - interval '12 hours')");
  database_.Ask("update journeyfeed.request_outcome set created_at = created_at - interval '37 hours'");
  const Outcome second = std::move(a_.Write({WithRequest(UpsertRow(Key(1), "a"), 1)}).front());
  ASSERT_THAT(Short(second), StartsWith("U"));
  const Outcome again = std::move(b_.Write({WithRequest(UpsertRow(Key(1), "a"), 1)}).front());
  EXPECT_EQ(Short(again), Short(second));
}

// Five clients, few ids, thousands of uses, connections killed in the middle. All answered uses of an id have the same
// answer.
TEST_F(RequestIdTest, AStormExecutesEachIdOnce) {
  constexpr int kClients = 5, kIds = 150;
  std::atomic<int> uses = 0, unknown = 0, killed = 0;
  std::mutex mutex;
  std::set<int> pids;
  std::map<int, std::set<std::string>> answers;
  std::vector<std::jthread> threads;
  for (int client = 0; client < kClients; ++client) {
    threads.emplace_back([&, client](std::stop_token stop) {
      std::mt19937 random(static_cast<unsigned>(client));
      std::unique_ptr<WriteConnection> session;
      while (!stop.stop_requested()) {
        if (!session) {
          session = std::make_unique<WriteConnection>(database_);
          const std::scoped_lock lock(mutex);
          pids.insert(session->pid());
        }
        std::vector<WriteRequest> calls;
        std::set<int> ids;
        while (ids.size() < 4) ids.insert(static_cast<int>(random() % kIds));
        // Every use creates a new record, like a Create without an id.
        for (const int id : ids) calls.push_back(WithRequest(CreateRow({.id = Uuid::MakeV7()}, "by request"), id));
        std::shuffle(calls.begin(), calls.end(), random);
        const Outcomes outcomes = session->Write(calls);
        const std::scoped_lock lock(mutex);
        for (std::size_t i = 0; i < calls.size(); ++i) {
          if (outcomes[i]) {
            ++uses;
            const int id = *std::ranges::find_if(
                ids, [&](int n) { return calls[i].request_id == Uuid::FromName("request " + std::to_string(n)); });
            answers[id].insert(Short(outcomes[i]) + " " + outcomes[i]->rows[0].key.id.ToString());
          } else {
            ++unknown;
          }
        }
        if (!outcomes.front()) {
          pids.erase(session->pid());
          session.reset();
        }
      }
    });
  }
  // Long enough for a storm, and until everything that the test needs has happened.
  const auto begin = std::chrono::steady_clock::now();
  const auto lasted = [&] { return std::chrono::steady_clock::now() - begin; };
  const auto happened = [&] { return uses > 1000 && unknown > 0 && killed > 5; };
  while (lasted() < 2s || (!happened() && lasted() < 90s)) {
    int pid = 0;
    {
      const std::scoped_lock lock(mutex);
      if (!pids.empty()) pid = *pids.begin();
    }
    if (pid != 0 && database_.Ask("select pg_terminate_backend(" + std::to_string(pid) + ")") == "t") ++killed;
    const auto next = std::chrono::steady_clock::now() + 100ms;
    (void)Eventually([&] { return std::chrono::steady_clock::now() > next; });
  }
  threads.clear();
  ASSERT_TRUE(happened()) << uses << " uses, " << unknown << " without an answer, " << killed << " kills";
  // Presents the ids that chance left out or that got no answer.
  for (int id = 0; id < kIds; ++id) {
    const auto outcomes = a_.Write({WithRequest(CreateRow({.id = Uuid::MakeV7()}, "by request"), id)});
    ASSERT_TRUE(outcomes.front()) << id;
    answers[id].insert(Short(outcomes.front()) + " " + outcomes.front()->rows[0].key.id.ToString());
  }
  for (const auto& [id, different] : answers) EXPECT_EQ(different.size(), 1U) << "request " << id;
  const FinalState final = database_.Final();
  EXPECT_EQ(final.table.size(), static_cast<std::size_t>(kIds)) << "each id was used and executed once";
  EXPECT_EQ(database_.Ask("select count(*) from journeyfeed.request_outcome"), std::to_string(kIds));
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), final), IsEmpty());
}

}  // namespace
}  // namespace journeyfeed::testing
