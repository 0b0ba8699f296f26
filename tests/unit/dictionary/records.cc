#include "tests/unit/dictionary/records.h"

#include "storage/dictionary/error_reason.h"

namespace journeyfeed::dictionary {

const Entity& Sessions() { return Describe(JourneyRunSession::descriptor()); }

const Entity& Journeys() { return Describe(CustomerJourney::descriptor()); }

JourneyRunSession SomeSession() {
  JourneyRunSession session;
  session.set_name("run 1");
  session.set_journey_run_id("r-1");
  session.set_session("{}");
  return session;
}

CustomerJourney SomeJourney() {
  CustomerJourney journey;
  journey.set_name("Simple Email Sample");
  return journey;
}

std::vector<std::string> Listed(const std::vector<FieldViolation>& violations) {
  std::vector<std::string> lines;
  for (const FieldViolation& violation : violations) {
    lines.push_back(std::string(ReasonName(violation.reason)) + " " + violation.field);
  }
  return lines;
}

std::vector<std::string> Names(const Entity& entity, std::uint64_t columns) {
  std::vector<std::string> names;
  for (const Column& column : entity.columns) {
    if ((columns & column.bit()) != 0) names.push_back(column.name);
  }
  return names;
}

const Value& ValueOf(const Entity& entity, const WritePlan& plan, std::string_view column) {
  return plan.values.at(static_cast<std::size_t>(entity.Find(column) - entity.columns.data()));
}

}  // namespace journeyfeed::dictionary
