// Ends and expiries, with a clock that the test sets.
#include <gtest/gtest.h>

#include "services/customer_journey/recurrence/recurrence.h"
#include "services/customer_journey/recurrence/time_zones.h"
#include "tests/lifecycle/journeys.h"
#include "tests/lifecycle/replica.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kDay = 24 * kHour;

Timestamp After(std::int64_t micros) { return {kNoon.micros + micros}; }
std::string Sql(Timestamp time) { return "to_timestamp(" + std::to_string(time.micros) + " / 1000000.0)"; }

class TimersTest : public ::testing::Test {
 protected:
  static TestPostgres& Postgres() {
    static TestPostgres postgres;
    return postgres;
  }

  // A live journey that ends in a hundred days unless `assignments` says otherwise.
  std::string Live(const std::string& assignments) {
    const std::string id = Insert(kLive, "end_date_time = " + Sql(After(100 * kDay)));
    if (!assignments.empty()) Change(id, assignments);
    return id;
  }

  std::string Insert(int status, const std::string& assignments = "") {
    const std::string id = NewId();
    const std::string user = "md5('u')::uuid";
    const std::string change = assignments.empty() ? "" : ChangeSql(id, assignments);
    Tamper(url_,
           "insert into journeyfeed.customer_journey (id, version_number, created_on, modified_on, created_by,"
           " modified_by, state_code, status_code, owner_id_type, owner_id, name) select '" +
               id + "', nextval('journeyfeed.customer_journey_version_seq'), now(), now(), " + user + ", " + user +
               ", 0, " + std::to_string(Code(status)) + ", 'systemuser', " + user + ", 'n'; " + change);
    return id;
  }

  static std::string ChangeSql(const std::string& id, const std::string& assignments) {
    return "update journeyfeed.customer_journey set " + assignments + " where id = '" + id + "'";
  }
  void Change(const std::string& id, const std::string& assignments) { Tamper(url_, ChangeSql(id, assignments)); }

  bool Becomes(const std::string& id, int status) {
    return Eventually([&] { return StatusOf(url_, id) == status; }, 30s);
  }

  // When a due journey has moved, everything was polled: all due journeys are in one batch.
  void AwaitALook() {
    const std::string due = Live("end_date_time = " + Sql({0}));
    ASSERT_TRUE(Eventually([&] { return StatusOf(url_, due) != kLive; }, 30s));
  }

  static inline int number_ = 0;
  const std::string url_ = Postgres().CreateDatabase("timers" + std::to_string(++number_));
  Replica replica_{url_};
};

TEST_F(TimersTest, ALiveJourneyStopsAtItsEnd) {
  const std::string id = Live("end_date_time = " + Sql(After(kHour)));
  const std::string endless = Insert(kLive);
  replica_.SetClock(After(kHour - 1));
  AwaitALook();
  EXPECT_EQ(StatusOf(url_, id), kLive);
  replica_.SetClock(After(kHour));
  EXPECT_TRUE(Becomes(id, kStopped));
  EXPECT_EQ(SystemSteps(url_, id), 1);
  EXPECT_EQ(LogOf(url_, id), "2:2:19");
  EXPECT_EQ(StatusOf(url_, endless), kLive) << "no end, no timer";
}

TEST_F(TimersTest, TheEndIsReadOnTheClockOfTheJourneysZone) {
  replica_.SetClock(After(-2 * kHour - 1));
  AwaitALook();  // the current poll may still use the clock from before
  const std::string wall = "end_date_time = " + Sql(After(0)) + ", customer_journey_time_zone = ";
  const std::string berlin = Live(wall + "110"), utc = Live(wall + "92"), los_angeles = Live(wall + "4");
  AwaitALook();
  EXPECT_EQ(StatusOf(url_, berlin), kLive);
  replica_.SetClock(After(-2 * kHour));  // noon in Berlin, in summer
  EXPECT_TRUE(Becomes(berlin, kStopped));
  AwaitALook();
  EXPECT_EQ(StatusOf(url_, utc), kLive);
  replica_.SetClock(After(7 * kHour - 1));
  EXPECT_TRUE(Becomes(utc, kStopped));
  AwaitALook();
  EXPECT_EQ(StatusOf(url_, los_angeles), kLive);
  replica_.SetClock(After(7 * kHour));
  EXPECT_TRUE(Becomes(los_angeles, kStopped));
}

TEST_F(TimersTest, ARecurringJourneyStopsAfterItsLastIteration) {
  replica_.SetClock(After(-1));
  AwaitALook();  // the current poll may still use the clock from before
  const std::string twice =
      "is_recurring = true, recurrence_interval_days = 3, recurrence_count = 2, start_date_time = ";
  const std::string id = Live(twice + Sql(After(-6 * kDay)));
  const std::string not_recurring =
      Live("recurrence_interval_days = 3, recurrence_count = 2, start_date_time = " + Sql(After(-60 * kDay)));
  const std::string many = Live(
      "is_recurring = true, recurrence_interval_days = 2147483647, recurrence_count = 2147483647, start_date_time = " +
      Sql(After(-6 * kDay)));
  AwaitALook();
  EXPECT_EQ(StatusOf(url_, id), kLive);
  replica_.SetClock(After(0));
  EXPECT_TRUE(Becomes(id, kStopped));
  AwaitALook();
  EXPECT_EQ(StatusOf(url_, not_recurring), kLive);
  EXPECT_EQ(StatusOf(url_, many), kLive);
}

TEST_F(TimersTest, AStoppedJourneyExpiresAfterThirtyDays) {
  Replica expiring(url_, {.expire_after = std::chrono::hours(24 * 30)});
  const std::string id = Insert(kStopped, "status_since = " + Sql(After(-30 * kDay)));
  const std::string young = Insert(kStopped, "status_since = " + Sql(After(-30 * kDay + kSecond)));
  expiring.SetClock(After(0));
  EXPECT_TRUE(Becomes(id, kExpired));
  EXPECT_EQ(Query(url_, "select state_code from journeyfeed.customer_journey where id = '" + id + "'"), "1");
  EXPECT_EQ(StatusOf(url_, young), kStopped) << "of the same look";
  expiring.SetClock(After(kSecond));
  EXPECT_TRUE(Becomes(young, kExpired));
}

TEST_F(TimersTest, AllThatIsDueIsDoneHoweverMuch) {
  Tamper(
      url_,
      "insert into journeyfeed.customer_journey (id, version_number, created_on, modified_on, created_by, modified_by,"
      " state_code, status_code, owner_id_type, owner_id, name, end_date_time) select md5(i::text)::uuid,"
      " nextval('journeyfeed.customer_journey_version_seq'), now(), now(), md5('u')::uuid, md5('u')::uuid, 0, " +
          std::to_string(Code(kLive)) +
          ", 'systemuser', md5('u')::uuid, 'n', '2020-01-01Z' from generate_series(1, 1000) i");
  EXPECT_TRUE(Eventually(
      [&] {
        return Query(url_, "select count(*) from journeyfeed.customer_journey where status_code = " +
                               std::to_string(Code(kStopped))) == "1000";
      },
      60s));
  EXPECT_EQ(SystemSteps(url_), 1000);
}

// The database finds what is due and the service decides: both must read the same clock.
TEST_F(TimersTest, DatabaseAndServiceKnowTheSameZones) {
  for (const auto& zone : customer_journey::AllTimeZones()) {
    for (const std::int64_t days : {0, 91, 182, 273}) {
      const Timestamp wall = After(days * kDay);
      const std::string instant = Query(url_, "select (extract(epoch from journeyfeed.wall_clock_instant(" + Sql(wall) +
                                                  ", " + std::to_string(zone.code) + ")) * 1000000)::bigint");
      EXPECT_EQ(instant, std::to_string(customer_journey::InstantOf(wall, zone).micros)) << zone.name;
    }
  }
}

// An index finds them however large the table is, and the indexes leave updates of other columns HOT.
TEST_F(TimersTest, TimersReadNoTableAndLeaveUpdatesHot) {
  const std::string plan = Query(
      url_,
      "set enable_seqscan = off; explain (format json) select from journeyfeed.customer_journey t where t.status_code ="
      " 192350001 and journeyfeed.journey_end(t.start_date_time, t.end_date_time, t.is_recurring, t.recurrence_count,"
      " t.recurrence_interval_days) < now()::timestamp");
  EXPECT_NE(plan.find("customer_journey_end"), std::string::npos) << plan;
  const std::string id = Live("");
  EXPECT_EQ(
      Query(url_, "begin; set local journeyfeed.writing = 'on'; " +
                      ChangeSql(id, "description = 'd', modified_on = now(), version_number = version_number + 1") +
                      "; select pg_stat_get_xact_tuples_hot_updated('journeyfeed.customer_journey'::regclass)"),
      "1");
}

}  // namespace
}  // namespace journeyfeed::testing
