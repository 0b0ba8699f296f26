// Servers and PostgreSQL are killed at every step of the publisher: each step is in the log once, and every journey
// settles.
#include <gtest/gtest.h>

#include <random>

#include "tests/lifecycle/journeys.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

class LifecycleFaultTest : public ::testing::Test {
 protected:
  static Ending SetStatus(TestServer& server, const std::string& id, int status) {
    JourneyClient client(server.channel());
    return client.Update(Target(id, "status_code: " + std::to_string(Code(status)))).ending;
  }

  bool Settles(const std::string& id, int status) {
    return Eventually(
        [&] {
          try {
            return StatusOf(url_, id) == status;
          } catch (const std::exception&) {
            return false;  // PostgreSQL is starting
          }
        },
        kPatience);
  }

  // A key of the write function's locks, and the feed lock of journeys.
  static std::string KeyLock(const std::string& id) {
    return "hashtextextended(concat_ws('/', 2::smallint, '" + id + "'::uuid), 1)";
  }
  static constexpr char kFeedLock[] = "journeyfeed.feed_lock_class(), 2";

  void AwaitStepThatWaits() {
    ASSERT_TRUE(Eventually(
        [&] { return Query(url_, "select count(*) from pg_locks where not granted and locktype = 'advisory'") != "0"; },
        kPatience));
  }

  void ExpectPublishedOnce(const std::string& id) {
    EXPECT_TRUE(Settles(id, kLive));
    EXPECT_EQ(LogOf(url_, id), "1:1:- 2:1:- 2:2:19");
  }

  // With fsync: a killed PostgreSQL must not lose what it acknowledged.
  TestPostgres postgres_{{.durable = true}};
  std::string url_ = postgres_.CreateDatabase("faults");
};

TEST_F(LifecycleFaultTest, KilledBeforeItHasClaimed) {
  auto server = std::make_unique<TestServer>(url_);
  const std::string id = Create(server->channel(), ValidJourney());
  {
    const Hold hold(url_, id);
    ASSERT_TRUE(SetStatus(*server, id, kGoingLive).ok());
    server->process().Kill9();
  }
  server = std::make_unique<TestServer>(url_);
  ExpectPublishedOnce(id);
}

TEST_F(LifecycleFaultTest, KilledBetweenClaimAndWrite) {
  auto server = std::make_unique<TestServer>(url_);
  const std::string id = Create(server->channel(), ValidJourney());
  DatabaseConnection blocker(url_);
  {
    auto hold = std::make_unique<Hold>(url_, id);
    ASSERT_TRUE(SetStatus(*server, id, kGoingLive).ok());
    blocker.Execute("select pg_advisory_lock(" + KeyLock(id) + ")");
    hold.reset();
  }
  AwaitStepThatWaits();  // claimed, decided and sent; nothing has changed yet
  server->process().Kill9();
  blocker.Execute("select pg_advisory_unlock(" + KeyLock(id) + ")");
  server = std::make_unique<TestServer>(url_);
  ExpectPublishedOnce(id);
}

TEST_F(LifecycleFaultTest, KilledInTheMiddleOfTheWrite) {
  auto server = std::make_unique<TestServer>(url_);
  auto other = std::make_unique<TestServer>(url_);
  const std::string id = Create(server->channel(), ValidJourney());
  DatabaseConnection blocker(url_);
  {
    auto hold = std::make_unique<Hold>(url_, id);
    ASSERT_TRUE(SetStatus(*server, id, kGoingLive).ok());
    blocker.Execute(std::string("select pg_advisory_lock(") + kFeedLock + ")");
    hold.reset();
  }
  AwaitStepThatWaits();  // the row is changed, the log row is not written
  server->process().Kill9();
  blocker.Execute(std::string("select pg_advisory_unlock(") + kFeedLock + ")");
  ExpectPublishedOnce(id);  // by the backend that went on, or by the other replica
}

TEST_F(LifecycleFaultTest, PostgresKilledInTheMiddleOfTheWrite) {
  TestServer server(url_);
  const std::string id = Create(server.channel(), ValidJourney());
  {
    DatabaseConnection blocker(url_);
    auto hold = std::make_unique<Hold>(url_, id);
    ASSERT_TRUE(SetStatus(server, id, kGoingLive).ok());
    blocker.Execute(std::string("select pg_advisory_lock(") + kFeedLock + ")");
    hold.reset();
    AwaitStepThatWaits();
    postgres_.Kill9();
  }
  postgres_.Start();
  ExpectPublishedOnce(id);
}

// Everything at random: two replicas, journeys set to Going live and Stopping, one of three parts killed again and
// again.
TEST_F(LifecycleFaultTest, KilledAtAnyMoment) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr int kJourneys = 24;
  std::vector<std::unique_ptr<TestServer>> servers;
  for (int i = 0; i < 2; ++i) servers.push_back(std::make_unique<TestServer>(url_));
  std::vector<std::string> ids;
  for (int i = 0; i < kJourneys; ++i) ids.push_back(Create(servers[0]->channel(), ValidJourney()));
  for (const int status : {kGoingLive, kStopping}) {
    journeys::UpdateMultipleRequest request;
    for (const std::string& id : ids) {
      auto* target = request.add_targets()->mutable_target();
      target->set_id(id);
      target->set_status_code(static_cast<journeys::CustomerJourneyStatusCode>(Code(status)));
    }
    for (int fault = 0; fault < 3; ++fault) {
      const auto& channel = servers[random() % 2]->channel();
      if (fault == 0) {
        // Like a client: repeats writes that the database could not take after it was killed.
        ASSERT_TRUE(Eventually([&] {
          const auto sent =
              JourneyClient(channel).Send(&journeys::CustomerJourneyService::Stub::UpdateMultiple, request);
          EXPECT_TRUE(sent.ok() || sent.ending.code == grpc::StatusCode::UNAVAILABLE) << sent.ending;
          return sent.ok();
        }));
      }
      // Some way into the work: the kill is tested, not the moment.
      const int some = static_cast<int>(random() % kJourneys);
      (void)Eventually([&] { return SystemSteps(url_) % kJourneys >= some; }, 200ms);
      const auto victim = random() % 3;
      if (victim == 2) {
        postgres_.Kill9();
        postgres_.Start();
      } else {
        servers[victim]->process().Kill9();
        servers[victim] = std::make_unique<TestServer>(url_);
      }
    }
    for (const std::string& id : ids) ASSERT_TRUE(Settles(id, status == kGoingLive ? kLive : kStopped)) << id;
  }
  EXPECT_EQ(SystemSteps(url_), 2 * kJourneys);
  for (const std::string& id : ids) EXPECT_EQ(LogOf(url_, id), "1:1:- 2:2:6 2:2:19 2:2:6 2:2:19") << id;
}

TEST_F(LifecycleFaultTest, AThousandSettleTogetherOnTwoReplicas) {
  constexpr int kJourneys = 1000;
  TestServer first(url_);
  TestServer second(url_);
  JourneyClient client(first.channel());
  journeys::CreateMultipleRequest create;
  for (int i = 0; i < kJourneys; ++i) *create.add_targets() = ValidJourney();
  const auto created = client.Send(&journeys::CustomerJourneyService::Stub::CreateMultiple, create);
  ASSERT_TRUE(created.ok()) << created.ending;
  journeys::UpdateMultipleRequest publish;
  for (const auto& result : created->results()) {
    auto* target = publish.add_targets()->mutable_target();
    target->set_id(result.id());
    target->set_status_code(journeys::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE);
  }
  const auto asked = client.Send(&journeys::CustomerJourneyService::Stub::UpdateMultiple, publish);
  ASSERT_TRUE(asked.ok()) << asked.ending;
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(Eventually(
      [&] {
        return Query(url_, "select count(*) from journeyfeed.customer_journey where status_code = " +
                               std::to_string(Code(kLive))) == std::to_string(kJourneys);
      },
      kPatience));
  const auto took = std::chrono::steady_clock::now() - began;
  std::cout << "1000 journeys settled in " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
            << " ms after the request was answered\n";
  EXPECT_EQ(SystemSteps(url_), kJourneys);
}

}  // namespace
}  // namespace journeyfeed::testing
