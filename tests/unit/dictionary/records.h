// Records and violations in a short form for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "storage/dictionary/dictionary.h"
#include "storage/dictionary/write_plan.h"

namespace journeyfeed::dictionary {

using customerjourney::v1::CustomerJourney;
using journeyrunsession::v1::JourneyRunSession;

inline constexpr std::string_view kId = "6628bbf7-c52a-e911-a9b7-000d3a1e6adc";

const Entity& Sessions();
const Entity& Journeys();

// A session with everything that Create requires; no id.
JourneyRunSession SomeSession();
// A journey with everything that Create requires; no id.
CustomerJourney SomeJourney();

// "STRING_LENGTH_TOO_LONG target.name", one for each violation, in order.
std::vector<std::string> Listed(const std::vector<FieldViolation>& violations);
template <typename T>
std::vector<std::string> Listed(const Result<T>& result) {
  return result ? std::vector<std::string>{} : Listed(result.error().violations);
}

// The names of the columns of a bit set, in field order.
std::vector<std::string> Names(const Entity& entity, std::uint64_t columns);

// The value of a column in a plan.
const Value& ValueOf(const Entity& entity, const WritePlan& plan, std::string_view column);

}  // namespace journeyfeed::dictionary
