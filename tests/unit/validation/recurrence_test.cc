// When journeys and their iterations begin and end, also across clock changes.
#include "services/customer_journey/recurrence/recurrence.h"

#include <gtest/gtest.h>

#include "services/customer_journey/journey_reads.h"
#include "storage/dictionary/iso_time.h"
#include "tests/unit/validation/journeys.h"

namespace journeyfeed::customer_journey::testing {
namespace {

std::string Text(std::optional<Timestamp> time) { return time ? dictionary::FormatIsoTime(*time) : "none"; }

void Set(const char* text, google::protobuf::Timestamp& out) {
  out.set_seconds(dictionary::ParseIsoTime(text)->micros / 1'000'000);
}

CustomerJourney Recurring(const char* start, int days, int count, int zone = 92) {
  CustomerJourney journey;
  Set(start, *journey.mutable_start_date_time());
  Set("2030-01-01T00:00:00Z", *journey.mutable_end_date_time());
  journey.set_is_recurring(true);
  journey.set_recurrence_interval_days(days);
  journey.set_recurrence_count(count);
  journey.set_customer_journey_time_zone(zone);
  return journey;
}

TEST(Recurrence, IterationsFollowOneAnother) {
  const CustomerJourney journey = Recurring("2019-02-08T11:48:00Z", 30, 3);
  ASSERT_EQ(IterationCount(journey), 3);
  const Iteration first = IterationOf(journey, 1);
  const Iteration last = IterationOf(journey, 3);
  EXPECT_EQ(Text(first.start), "2019-02-08T11:48:00Z");
  EXPECT_EQ(Text(first.end), "2019-03-10T11:48:00Z");
  EXPECT_EQ(IterationOf(journey, 2).start, first.end);
  EXPECT_EQ(Text(last.start), "2019-04-09T11:48:00Z");
  EXPECT_EQ(Text(last.end), "2019-05-09T11:48:00Z");
  EXPECT_EQ(last.start, last.local_start);
  EXPECT_EQ(EndOfLastIteration(journey), last.end);
}

TEST(Recurrence, SecondsOfTheStartDoNotCount) {
  EXPECT_EQ(Text(StartInstant(Recurring("2019-02-08T11:48:59Z", 1, 1))), "2019-02-08T11:48:00Z");
  EXPECT_EQ(Text(StartInstant(Recurring("1760-02-08T11:48:59Z", 1, 1))), "1760-02-08T11:48:00Z");
}

TEST(Recurrence, IterationsBeginAtTheSameHourInSummerAndWinter) {
  // Berlin: summer time began on 2024-03-31 at 02:00, which was 01:00 UTC.
  const CustomerJourney journey = Recurring("2024-03-30T12:00:00Z", 1, 3, 110);
  EXPECT_EQ(Text(IterationOf(journey, 1).start), "2024-03-30T11:00:00Z");
  EXPECT_EQ(Text(IterationOf(journey, 2).start), "2024-03-31T10:00:00Z");
  EXPECT_EQ(Text(IterationOf(journey, 2).local_start), "2024-03-31T12:00:00Z");
  EXPECT_EQ(Text(IterationOf(journey, 3).start), "2024-04-01T10:00:00Z");
}

TEST(Recurrence, AnHourThatIsSkippedIsTheJump) {
  const CustomerJourney journey = Recurring("2024-03-30T02:30:00Z", 1, 2, 110);
  EXPECT_EQ(Text(IterationOf(journey, 1).start), "2024-03-30T01:30:00Z");
  EXPECT_EQ(Text(IterationOf(journey, 2).start), "2024-03-31T01:00:00Z");
  EXPECT_EQ(Text(IterationOf(journey, 2).end), "2024-04-01T00:30:00Z");
}

TEST(Recurrence, AnHourThatComesTwiceIsTheFirst) {
  // New York: summer time ended on 2024-11-03 at 02:00, which was 06:00 UTC.
  const CustomerJourney journey = Recurring("2024-11-02T01:30:00Z", 1, 2, 35);
  EXPECT_EQ(Text(IterationOf(journey, 2).start), "2024-11-03T05:30:00Z");
  EXPECT_EQ(Text(IterationOf(journey, 2).end), "2024-11-04T06:30:00Z");
}

TEST(Recurrence, WithoutCountIntervalStartOrRecurrenceThereAreNone) {
  CustomerJourney journey = Recurring("2019-02-08T11:48:00Z", 0, 3);
  EXPECT_EQ(IterationCount(journey), 0);
  EXPECT_EQ(EndOfLastIteration(journey), std::nullopt);
  journey.set_recurrence_interval_days(1);
  journey.set_recurrence_count(0);
  EXPECT_EQ(IterationCount(journey), 0);
  journey.set_recurrence_count(1);
  EXPECT_EQ(IterationCount(journey), 1);
  journey.set_is_recurring(false);
  EXPECT_EQ(IterationCount(journey), 0);
  journey.set_is_recurring(true);
  journey.clear_start_date_time();
  EXPECT_EQ(IterationCount(journey), 0);
  EXPECT_EQ(StartInstant(journey), std::nullopt);
  journey.clear_end_date_time();
  EXPECT_EQ(EndInstant(journey), std::nullopt);
}

TEST(Recurrence, NoZoneOrAnUnknownOneIsReadAsUtc) {
  CustomerJourney journey = Recurring("2024-07-01T00:00:00Z", 1, 1, 777);
  EXPECT_EQ(Text(StartInstant(journey)), "2024-07-01T00:00:00Z");
  journey.clear_customer_journey_time_zone();
  EXPECT_EQ(Text(EndInstant(journey)), "2030-01-01T00:00:00Z");
}

TEST(Recurrence, NothingIsAfterTheLastDay) {
  const CustomerJourney journey = Recurring("9999-12-29T00:00:00Z", 1, 2'147'483'647);
  EXPECT_EQ(IterationCount(journey), 2);
  EXPECT_EQ(Text(EndOfLastIteration(journey)), "9999-12-30T23:59:59.999999Z");
  EXPECT_EQ(Text(EndOfLastIteration(Recurring("2000-01-01T00:00:00Z", 2'147'483'647, 2'147'483'647))),
            "9999-12-30T23:59:59.999999Z");
  EXPECT_EQ(IterationCount(Recurring("2000-01-01T00:00:00Z", 2'147'483'647, 2'147'483'647)), 1);
  // The earliest and latest times of a column, in the zones farthest from UTC.
  for (const int zone : {0, 300}) {
    CustomerJourney edges = Recurring("1753-01-01T00:00:00Z", 1, 1, zone);
    Set("9999-12-30T23:59:59Z", *edges.mutable_end_date_time());
    EXPECT_NE(StartInstant(edges), std::nullopt);
    EXPECT_GT(EndInstant(edges)->micros, StartInstant(edges)->micros);
  }
}

TEST(RetrieveJourneyIterations, AnswersPages) {
  const CustomerJourney journey = Recurring("2024-01-01T00:00:00Z", 7, 2'000, 85);
  const auto page = IterationsOf(journey, 1'999, 1'000);
  ASSERT_EQ(page.iterations_size(), 2);
  EXPECT_EQ(page.iterations(1).iteration_number(), 2'000);
  EXPECT_FALSE(page.more_records());
  EXPECT_EQ(page.iteration_count(), 2'000);
  EXPECT_EQ(page.time_zone().tz_name(), "Europe/London");
  EXPECT_EQ(page.start_date().seconds(), journey.start_date_time().seconds());
  EXPECT_TRUE(page.has_end_date());
  const auto first = IterationsOf(journey, 1, 1'000);
  EXPECT_EQ(first.iterations_size(), 1'000);
  EXPECT_TRUE(first.more_records());
  EXPECT_EQ(first.iterations(0).local_start_date().seconds(), journey.start_date_time().seconds());
  const auto none = IterationsOf(journey, std::numeric_limits<std::int64_t>::max(), 1'000);
  EXPECT_EQ(none.iterations_size(), 0);
  EXPECT_FALSE(none.more_records());
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
