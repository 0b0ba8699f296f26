// The transitions that the service makes, the traces of going live and stopping, and two replicas at work.
#include <gmock/gmock.h>

#include "storage/dictionary/write_plan.h"
#include "tests/lifecycle/journeys.h"
#include "tests/lifecycle/replica.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using customer_journey::Step;
using ::testing::HasSubstr;

class PublisherTest : public ::testing::Test {
 protected:
  static TestPostgres& Postgres() {
    static TestPostgres postgres;
    return postgres;
  }
  static std::string NewDatabase() {
    static int number = 0;
    return Postgres().CreateDatabase("publisher" + std::to_string(++number));
  }

  // A row of a call, as the service makes it for a caller.
  static WriteRequest CallerUpdate(const Replica& replica, const std::string& id, int status, const Uuid& user) {
    WriteRequest call = customer_journey::WriteOf(
        {.to = static_cast<journeys::CustomerJourneyStatusCode>(Code(status))}, {.id = *Uuid::Parse(id)}, kAnyVersion);
    (void)replica;
    call.parent.reset();
    call.user = call.initiating_user = user;
    call.deadline = std::chrono::steady_clock::now() + 20s;
    return call;
  }

  static std::string CreateWith(Replica& replica, const journeys::CustomerJourney& journey) {
    const auto plan = dictionary::PlanCreate(replica.entity(), journey);
    WriteRow row{.message = entity::v1::MESSAGE_NAME_CREATE,
                 .key = {.id = Uuid::MakeV7()},
                 .values = plan->values,
                 .set = plan->set,
                 .if_match = {}};
    const std::string id = row.key.id.ToString();
    WriteRequest call{.entity = &replica.entity(), .rows = {std::move(row)}};
    if (replica.Write(std::move(call)) != WriteVerdict::kCreated) throw std::runtime_error("not created");
    return id;
  }

  // The seed journey, running at the tests' clock.
  static journeys::CustomerJourney Running() {
    journeys::CustomerJourney journey = SeedJourney();
    journey.mutable_start_date_time()->set_seconds(kNoon.micros / 1'000'000 - 3600);
    journey.mutable_end_date_time()->set_seconds(kNoon.micros / 1'000'000 + 86400);
    return journey;
  }

  static std::string Column(const std::string& url, const std::string& id, const std::string& column) {
    return Query(url, "select " + column + " from journeyfeed.customer_journey where id = '" + id + "'");
  }
};

TEST_F(PublisherTest, TheSystemMayWhatTheMatrixAndItsPartAllow) {
  const std::string url = NewDatabase();
  Replica replica(url, {.publishes = false});
  const std::string id = CreateWith(replica, Running());
  for (int from = 0; from < kStatuses; ++from) {
    for (int to = 0; to < kStatuses; ++to) {
      PutInto(url, id, from);
      const WriteVerdict verdict = replica.Write(customer_journey::WriteOf(
          {.to = static_cast<journeys::CustomerJourneyStatusCode>(Code(to))}, {.id = *Uuid::Parse(id)}, kAnyVersion));
      const bool allowed = from == to || (kMatrix[from][to] && kOfSystem[to]);
      EXPECT_EQ(verdict, allowed ? WriteVerdict::kUpdated : WriteVerdict::kRefusedByState)
          << kLabels[from] << " to " << kLabels[to];
      EXPECT_EQ(StatusOf(url, id), allowed ? to : from);
    }
  }
}

TEST_F(PublisherTest, AJourneyWithoutFaultsBecomesLive) {
  const std::string url = NewDatabase();
  Replica replica(url);
  const std::string id = CreateWith(replica, Running());
  const Uuid user = Uuid::MakeV7();
  ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kGoingLive, user)), WriteVerdict::kUpdated);
  ASSERT_TRUE(Eventually([&] { return StatusOf(url, id) != kGoingLive; }, 30s));
  EXPECT_EQ(StatusOf(url, id), kLive) << Column(url, id, "validation_results");
  EXPECT_EQ(Column(url, id, "published_by"), user.ToString());
  EXPECT_EQ(Column(url, id, "lock_down_date_in_milliseconds"), std::to_string(kNoon.micros / 1000));
  EXPECT_EQ(Column(url, id, "validation_results"), R"({"ActivityValidationResults":[],"Result":"Valid"})");
  EXPECT_EQ(Column(url, id, "modified_by"), customer_journey::kSystemUser.ToString());
  EXPECT_EQ(LogOf(url, id), "1:1:- 2:1:- 2:2:19") << "create, update, and an ordinary update of the system";

  ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kStopping, user)), WriteVerdict::kUpdated);
  ASSERT_TRUE(Eventually([&] { return StatusOf(url, id) == kStopped; }, 30s));
  EXPECT_EQ(SystemSteps(url, id), 2);
  EXPECT_TRUE(Eventually([&] { return replica.Steps("stopped", "done") == 1; }));
  EXPECT_EQ(replica.Steps("live", "done"), 1);
}

TEST_F(PublisherTest, TheSeedsJourneyOf2019BecomesErrorAndWithItsDatesMovedLive) {
  const std::string url = NewDatabase();
  Replica replica(url);
  const std::string id = CreateWith(replica, SeedJourney());
  const Uuid user = Uuid::MakeV7();
  ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kGoingLive, user)), WriteVerdict::kUpdated);
  ASSERT_TRUE(Eventually([&] { return StatusOf(url, id) != kGoingLive; }, 30s));
  EXPECT_EQ(StatusOf(url, id), kError);
  EXPECT_EQ(Column(url, id, "validation_results"),
            R"({"ActivityValidationResults":[{"ActivityId":"","Fault":"ErrorEndDateInPast","Result":"Error",)"
            R"("ErrorMessageArguments":[]}],"Result":"Error"})");
  EXPECT_EQ(Column(url, id, "published_by"), "");

  // Through Stopped, where the end can be changed.
  ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kStopping, user)), WriteVerdict::kUpdated);
  ASSERT_TRUE(Eventually([&] { return StatusOf(url, id) == kStopped; }, 30s));
  WriteRequest call = CallerUpdate(replica, id, kGoingLive, user);
  const auto& end = *replica.entity().Find("end_date_time");
  call.rows[0].values[static_cast<std::size_t>(&end - replica.entity().columns.data())] =
      Timestamp{kNoon.micros + 86'400'000'000};
  call.rows[0].set |= end.bit();
  ASSERT_EQ(replica.Write(std::move(call)), WriteVerdict::kUpdated);
  ASSERT_TRUE(Eventually([&] { return StatusOf(url, id) == kLive; }, 30s)) << Column(url, id, "validation_results");
}

// Other users who change the journey while it goes live, or ask for the same, do not become its publisher.
TEST_F(PublisherTest, ThePublisherIsWhoAskedFirst) {
  const std::string url = NewDatabase();
  Replica accepting(url, {.publishes = false});
  const std::string id = CreateWith(accepting, Running());
  const Uuid first = Uuid::MakeV7(), second = Uuid::MakeV7();
  ASSERT_EQ(accepting.Write(CallerUpdate(accepting, id, kGoingLive, first)), WriteVerdict::kUpdated);
  EXPECT_EQ(accepting.Write(CallerUpdate(accepting, id, kGoingLive, second)), WriteVerdict::kUpdated);
  WriteRequest nothing = CallerUpdate(accepting, id, kGoingLive, second);
  nothing.rows[0].set = 0;
  EXPECT_EQ(accepting.Write(std::move(nothing)), WriteVerdict::kRefusedByState);
  Replica publishing(url);
  ASSERT_TRUE(Eventually([&] { return StatusOf(url, id) == kLive; }, 30s)) << Column(url, id, "validation_results");
  EXPECT_EQ(Column(url, id, "published_by"), first.ToString());
}

// Only the poll finds the commits of other servers here.
TEST_F(PublisherTest, FindsWhatAnotherServerAccepted) {
  const std::string url = NewDatabase();
  Replica accepting(url, {.publishes = false});
  const std::string id = CreateWith(accepting, Running());
  Replica publishing(url);
  ASSERT_EQ(accepting.Write(CallerUpdate(accepting, id, kGoingLive, {})), WriteVerdict::kUpdated);
  EXPECT_TRUE(Eventually([&] { return StatusOf(url, id) == kLive; }, 30s));
}

TEST_F(PublisherTest, TwoReplicasTakeEachStepOnce) {
  constexpr int kJourneys = 200;
  const std::string url = NewDatabase();
  Replica first(url, {.batch = 16});
  Replica second(url, {.batch = 16});
  std::vector<std::string> ids;
  for (int i = 0; i < kJourneys; ++i) ids.push_back(CreateWith(i % 2 == 0 ? first : second, Running()));
  for (const int status : {kGoingLive, kStopping}) {
    WriteRequest all{.entity = &first.entity(), .rows = {}, .atomic = true};
    for (const std::string& id : ids) all.rows.push_back(CallerUpdate(first, id, status, {}).rows[0]);
    ASSERT_EQ(first.Write(std::move(all)), WriteVerdict::kUpdated);
    ASSERT_TRUE(Eventually(
        [&] {
          return Query(url, "select count(*) from journeyfeed.customer_journey where status_code = " +
                                std::to_string(Code(status == kGoingLive ? kLive : kStopped))) ==
                 std::to_string(kJourneys);
        },
        60s));
  }
  EXPECT_EQ(SystemSteps(url), 2 * kJourneys);
  for (const std::string& id : ids) ASSERT_EQ(LogOf(url, id), "1:1:- 2:1:- 2:2:19 2:1:- 2:2:19");
  EXPECT_TRUE(Eventually([&] {
    return first.Steps("live", "done") + second.Steps("live", "done") == kJourneys &&
           first.Steps("stopped", "done") + second.Steps("stopped", "done") == kJourneys;
  }));
}

// A replica whose connection hangs keeps its claims; everything else continues, first of all callers' writes. Twice as
// many journeys as are claimed at a time cannot be moved: another one still is, at once and as often as one arrives.
TEST_F(PublisherTest, JourneysInTroubleDoNotKeepTheOthersWaiting) {
  constexpr int kBatch = 4;
  const std::string url = NewDatabase();
  DatabaseConnection holder(url);
  std::vector<std::string> held, others;
  Replica replica(url, {.batch = kBatch, .lock_timeout = 100ms});
  for (int i = 0; i < 2 * kBatch; ++i) held.push_back(CreateWith(replica, Running()));
  for (int i = 0; i < 3; ++i) others.push_back(CreateWith(replica, Running()));
  for (const std::string& id : held) {
    PutInto(url, id, kGoingLive);
    holder.Execute("select pg_advisory_lock(hashtextextended(concat_ws('/', 2::smallint, '" + id + "'::uuid), 1))");
  }
  ASSERT_TRUE(Eventually([&] { return replica.Steps("live", "failed") >= 2 * kBatch; }, 60s));
  for (const std::string& id : others) {
    ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kGoingLive, Uuid::MakeV7())), WriteVerdict::kUpdated);
    EXPECT_TRUE(Eventually([&] { return StatusOf(url, id) == kLive; }, 30s));
  }
  // Each of them is retried all the time.
  const double failed = replica.Steps("live", "failed");
  EXPECT_TRUE(Eventually([&] { return replica.Steps("live", "failed") > failed; }, 60s));
  holder.Execute("select pg_advisory_unlock_all()");
  for (const std::string& id : held) EXPECT_TRUE(Eventually([&] { return StatusOf(url, id) == kLive; }, 60s));
}

TEST_F(PublisherTest, AClaimBlocksNobody) {
  const std::string url = NewDatabase();
  Replica replica(url);
  const std::string held = CreateWith(replica, Running()), free = CreateWith(replica, Running());
  auto hold = std::make_unique<Hold>(url, held);
  for (const std::string& id : {held, free})
    ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kGoingLive, {})), WriteVerdict::kUpdated);
  EXPECT_TRUE(Eventually([&] { return StatusOf(url, free) == kLive; }, 30s));
  EXPECT_EQ(StatusOf(url, held), kGoingLive);
  ASSERT_EQ(replica.Write(CallerUpdate(replica, held, kGoingLive, {})), WriteVerdict::kUpdated) << "a caller's write";
  hold.reset();
  EXPECT_TRUE(Eventually([&] { return StatusOf(url, held) == kLive; }, 30s));
}

// A step that was decided for one version is not applied to another.
TEST_F(PublisherTest, AStepForAnOlderVersionIsLost) {
  const std::string url = NewDatabase();
  Replica replica(url, {.publishes = false});
  const std::string id = CreateWith(replica, Running());
  ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kGoingLive, {})), WriteVerdict::kUpdated);
  const auto version = std::stoll(Column(url, id, "version_number"));
  ASSERT_EQ(replica.Write(CallerUpdate(replica, id, kGoingLive, {})), WriteVerdict::kUpdated) << "moves the version";
  const Step step{.to = journeys::CUSTOMER_JOURNEY_STATUS_CODE_LIVE};
  EXPECT_EQ(replica.Write(customer_journey::WriteOf(step, {.id = *Uuid::Parse(id)}, version)),
            WriteVerdict::kVersionMismatch);
}

}  // namespace
}  // namespace journeyfeed::testing
