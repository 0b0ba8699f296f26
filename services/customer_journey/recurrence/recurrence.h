// When a journey runs (docs/dataverse.md 6.5). Start and end of a journey are wall-clock times of its zone
// (docs/dataverse.md 6.9); the functions here return instants. With zone 92 (UTC) both are the same. A journey whose
// zone is missing or unknown is read as UTC: the validator refuses it before it goes live. Thread-safe, pure.
#pragma once

#include <cstdint>
#include <optional>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/recurrence/time_zones.h"
#include "storage/types.h"

namespace journeyfeed::customer_journey {

// Iteration `number` (from 1) runs from start (included) to end (excluded). Its wall-clock times are the journey's
// start plus whole intervals of days, so that it begins at the same hour in summer and winter.
struct Iteration {
  std::int64_t number = 0;
  Timestamp local_start;
  Timestamp local_end;
  Timestamp start;
  Timestamp end;
};

// The zone of the journey; UTC if it has none or an unknown one.
const TimeZone& ZoneOf(const customerjourney::v1::CustomerJourney& journey);

// The stored wall-clock time. Seconds and below are dropped from the start (docs/dataverse.md 6.1). Nothing if absent.
std::optional<Timestamp> LocalStart(const customerjourney::v1::CustomerJourney& journey);
std::optional<Timestamp> LocalEnd(const customerjourney::v1::CustomerJourney& journey);

// The instants of start and end; nothing if the column is absent.
std::optional<Timestamp> StartInstant(const customerjourney::v1::CustomerJourney& journey);
std::optional<Timestamp> EndInstant(const customerjourney::v1::CustomerJourney& journey);

// The number of iterations: 0 for a journey that does not recur, or whose start, count or interval is missing or 0.
// Iterations that would begin after 9999-12-30 do not exist.
std::int64_t IterationCount(const customerjourney::v1::CustomerJourney& journey);

// Precondition: 1 <= number <= IterationCount. Times after 9999-12-30 become its last microsecond.
Iteration IterationOf(const customerjourney::v1::CustomerJourney& journey, std::int64_t number);

// The end of the last iteration; nothing if there is none.
std::optional<Timestamp> EndOfLastIteration(const customerjourney::v1::CustomerJourney& journey);

}  // namespace journeyfeed::customer_journey
