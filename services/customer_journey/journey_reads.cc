#include "services/customer_journey/journey_reads.h"

#include <algorithm>

#include "services/customer_journey/recurrence/recurrence.h"
#include "services/customer_journey/recurrence/time_zones.h"
#include "services/customer_journey/validation/definition.h"
#include "services/customer_journey/validation/record_uses.h"
#include "storage/proto_time.h"

namespace journeyfeed::customer_journey {
namespace {

namespace v1 = customerjourney::v1;

v1::JourneyReferenceKind KindOf(RecordKind kind) {
  switch (kind) {
    case RecordKind::kSegment:
      return v1::JOURNEY_REFERENCE_KIND_SEGMENT;
    case RecordKind::kSuppressionSegment:
      return v1::JOURNEY_REFERENCE_KIND_SUPPRESSION_SEGMENT;
    case RecordKind::kContentSettings:
      return v1::JOURNEY_REFERENCE_KIND_CONTENT_SETTINGS;
    case RecordKind::kEmail:
      return v1::JOURNEY_REFERENCE_KIND_EMAIL;
    case RecordKind::kPage:
      return v1::JOURNEY_REFERENCE_KIND_PAGE;
    case RecordKind::kForm:
      return v1::JOURNEY_REFERENCE_KIND_FORM;
    case RecordKind::kEvent:
      return v1::JOURNEY_REFERENCE_KIND_EVENT;
    case RecordKind::kSurvey:
      return v1::JOURNEY_REFERENCE_KIND_SURVEY;
    case RecordKind::kWorkflow:
      return v1::JOURNEY_REFERENCE_KIND_WORKFLOW;
    case RecordKind::kLinkedInCampaign:
      return v1::JOURNEY_REFERENCE_KIND_LINKED_IN_CAMPAIGN;
    case RecordKind::kActivityTemplate:
      return v1::JOURNEY_REFERENCE_KIND_ACTIVITY_TEMPLATE;
  }
  return v1::JOURNEY_REFERENCE_KIND_UNSPECIFIED;
}

void Describe(const TimeZone& zone, v1::TimeZone& out) {
  out.set_time_zone_code(zone.code);
  out.set_standard_name(std::string(zone.name));
  out.set_user_interface_name(std::string(zone.display_name));
  out.set_tz_name(std::string(zone.tz_name));
}

}  // namespace

v1::RetrieveJourneyReferencesResponse ReferencesOf(const v1::CustomerJourney& journey) {
  const Definition definition = ReadDefinition(journey.workflow_definition());
  v1::RetrieveJourneyReferencesResponse response;
  for (RecordUse& use : RecordsUsed(journey, definition)) {
    v1::JourneyReference& reference = *response.add_references();
    reference.set_kind(KindOf(use.kind));
    reference.set_entity_logical_name(std::move(use.table));
    reference.set_id(std::move(use.id));
    reference.set_activity_id(std::move(use.activity_id));
    if (use.item_id) reference.set_activity_item_id(*use.item_id);
  }
  response.set_incomplete(!definition.complete && !journey.workflow_definition().empty());
  return response;
}

v1::RetrieveJourneyIterationsResponse IterationsOf(const v1::CustomerJourney& journey, std::int64_t first,
                                                   std::int64_t count) {
  v1::RetrieveJourneyIterationsResponse response;
  const std::int64_t all = IterationCount(journey);
  const std::int64_t left = first > all ? 0 : all - first + 1;
  for (std::int64_t number = first; number < first + std::min(count, left); ++number) {
    const Iteration iteration = IterationOf(journey, number);
    v1::JourneyIteration& out = *response.add_iterations();
    out.set_iteration_number(number);
    ToProto(iteration.start, *out.mutable_start_date());
    ToProto(iteration.end, *out.mutable_end_date());
    ToProto(iteration.local_start, *out.mutable_local_start_date());
    ToProto(iteration.local_end, *out.mutable_local_end_date());
  }
  response.set_more_records(left > count);
  response.set_iteration_count(all);
  if (const auto start = StartInstant(journey)) ToProto(*start, *response.mutable_start_date());
  if (const auto end = EndInstant(journey)) ToProto(*end, *response.mutable_end_date());
  Describe(ZoneOf(journey), *response.mutable_time_zone());
  return response;
}

v1::GetAllTimeZonesWithDisplayNameResponse TimeZones() {
  v1::GetAllTimeZonesWithDisplayNameResponse response;
  for (const TimeZone& zone : AllTimeZones()) Describe(zone, *response.add_time_zones());
  return response;
}

}  // namespace journeyfeed::customer_journey
