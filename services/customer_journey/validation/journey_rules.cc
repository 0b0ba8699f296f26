#include "services/customer_journey/validation/journey_rules.h"

#include "services/customer_journey/recurrence/recurrence.h"
#include "services/customer_journey/recurrence/time_zones.h"

namespace journeyfeed::customer_journey {
namespace {

using customerjourney::v1::CustomerJourney;

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

void CheckName(const CustomerJourney& journey, FaultList& faults) {
  if (journey.name().find_first_not_of(" \t\r\n") == std::string::npos)
    faults.Add(Rule::kNameMissing, FaultList::kJourney, "");
}

void CheckTimes(const CustomerJourney& journey, const Context& context, FaultList& faults) {
  const auto start = LocalStart(journey);
  const auto end = LocalEnd(journey);
  std::vector<std::string> missing;
  if (!start) missing.push_back("msdyncrm_startdatetime");
  if (!end) missing.push_back("msdyncrm_enddatetime");
  if (!missing.empty() || *start >= *end) faults.Add(Rule::kStartAfterEnd, FaultList::kJourney, "", std::move(missing));
  if (context.going_live_at && end && *EndInstant(journey) <= *context.going_live_at)
    faults.Add(Rule::kEndInPast, FaultList::kJourney, "");
}

void CheckTimeZone(const CustomerJourney& journey, FaultList& faults) {
  if (!journey.has_customer_journey_time_zone()) return faults.Add(Rule::kTimeZoneMissing, FaultList::kJourney, "");
  const std::int32_t code = journey.customer_journey_time_zone();
  const TimeZone* zone = FindTimeZone(code);
  if (!zone || !HasRules(*zone)) faults.Add(Rule::kTimeZoneUnknown, FaultList::kJourney, "", {std::to_string(code)});
}

void CheckRecurrence(const CustomerJourney& journey, FaultList& faults) {
  if (!journey.is_recurring()) return;
  std::vector<std::string> missing;
  if (journey.recurrence_count() < 1) missing.push_back("msdyncrm_recurrencecount");
  if (journey.recurrence_interval_days() < 1) missing.push_back("msdyncrm_recurrenceintervaldays");
  if (!missing.empty()) return faults.Add(Rule::kRecurrenceValuesMissing, FaultList::kJourney, "", std::move(missing));
  const auto start = LocalStart(journey);
  const auto end = LocalEnd(journey);
  if (!start || !end || *start >= *end) return;
  // Both factors have 31 bits. The product is whole days, so comparing whole days is exact.
  const std::int64_t asked = std::int64_t{journey.recurrence_count()} * journey.recurrence_interval_days();
  if (asked > (end->micros - start->micros) / kMicrosPerDay)
    faults.Add(Rule::kRecurrenceDoesNotFit, FaultList::kJourney, "");
}

}  // namespace

void CheckColumns(const CustomerJourney& journey, const Context& context, FaultList& faults) {
  CheckName(journey, faults);
  CheckTimes(journey, context, faults);
  CheckTimeZone(journey, faults);
  CheckRecurrence(journey, faults);
}

}  // namespace journeyfeed::customer_journey
