#include "services/customer_journey/recurrence/recurrence.h"

#include <algorithm>

#include "services/customer_journey/recurrence/time_zones.h"
#include "storage/proto_time.h"

namespace journeyfeed::customer_journey {
namespace {

using customerjourney::v1::CustomerJourney;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

// Days per iteration; 0 if there are no iterations.
std::int64_t Interval(const CustomerJourney& journey) {
  if (!journey.is_recurring() || !journey.has_start_date_time() || journey.recurrence_count() < 1) return 0;
  return std::max(journey.recurrence_interval_days(), 0);
}

// The wall-clock time `iterations` intervals after the start. Count and interval have 31 bits: their product does not
// overflow, but its microseconds may.
Timestamp LocalAfter(const CustomerJourney& journey, std::int64_t iterations) {
  const Timestamp start = *LocalStart(journey);
  const std::int64_t days = Interval(journey) * iterations;
  if (days > (kLatestTimestamp.micros - start.micros) / kDay) return kLatestTimestamp;
  return {start.micros + days * kDay};
}

}  // namespace

const TimeZone& ZoneOf(const CustomerJourney& journey) {
  const TimeZone* zone =
      journey.has_customer_journey_time_zone() ? FindTimeZone(journey.customer_journey_time_zone()) : nullptr;
  return zone ? *zone : *FindTimeZone(kUtcTimeZoneCode);
}

std::optional<Timestamp> LocalStart(const CustomerJourney& journey) {
  if (!journey.has_start_date_time()) return std::nullopt;
  const std::int64_t micros = FromProto(journey.start_date_time()).micros;
  return Timestamp{micros - (micros % kMinute + kMinute) % kMinute};
}

std::optional<Timestamp> LocalEnd(const CustomerJourney& journey) {
  if (!journey.has_end_date_time()) return std::nullopt;
  return FromProto(journey.end_date_time());
}

std::optional<Timestamp> StartInstant(const CustomerJourney& journey) {
  const auto local = LocalStart(journey);
  if (!local) return std::nullopt;
  return InstantOf(*local, ZoneOf(journey));
}

std::optional<Timestamp> EndInstant(const CustomerJourney& journey) {
  const auto local = LocalEnd(journey);
  if (!local) return std::nullopt;
  return InstantOf(*local, ZoneOf(journey));
}

std::int64_t IterationCount(const CustomerJourney& journey) {
  const std::int64_t interval = Interval(journey);
  if (interval == 0) return 0;
  const std::int64_t that_begin = (kLatestTimestamp.micros - LocalStart(journey)->micros) / kDay / interval + 1;
  return std::min<std::int64_t>(journey.recurrence_count(), that_begin);
}

Iteration IterationOf(const CustomerJourney& journey, std::int64_t number) {
  const TimeZone& zone = ZoneOf(journey);
  const Timestamp start = LocalAfter(journey, number - 1);
  const Timestamp end = LocalAfter(journey, number);
  return {.number = number,
          .local_start = start,
          .local_end = end,
          .start = InstantOf(start, zone),
          .end = InstantOf(end, zone)};
}

std::optional<Timestamp> EndOfLastIteration(const CustomerJourney& journey) {
  const std::int64_t count = IterationCount(journey);
  if (count == 0) return std::nullopt;
  return IterationOf(journey, count).end;
}

}  // namespace journeyfeed::customer_journey
