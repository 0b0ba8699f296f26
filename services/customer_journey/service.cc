#include "services/customer_journey/service.h"

#include "journeyfeed/customerjourney/v1/customer_journey_service.pb.h"
#include "services/customer_journey/journey_checks.h"
#include "services/customer_journey/lifecycle/state_transition.h"
#include "services/entity/bulk_delete_messages.h"
#include "services/entity/bulk_messages.h"
#include "services/entity/entity_service.h"
#include "services/entity/query_messages.h"

namespace journeyfeed::customer_journey {
namespace {

namespace v1 = journeyfeed::customerjourney::v1;

struct Api {
  using Record = v1::CustomerJourney;
  using CreateRequest = v1::CreateRequest;
  using CreateResponse = v1::CreateResponse;
  using RetrieveRequest = v1::RetrieveRequest;
  using RetrieveResponse = v1::RetrieveResponse;
  using RetrieveMultipleRequest = v1::RetrieveMultipleRequest;
  using RetrieveMultipleResponse = v1::RetrieveMultipleResponse;
  using RetrieveEntityChangesRequest = v1::RetrieveEntityChangesRequest;
  using RetrieveEntityChangesResponse = v1::RetrieveEntityChangesResponse;
  using UpdateRequest = v1::UpdateRequest;
  using UpdateResponse = v1::UpdateResponse;
  using UpsertRequest = v1::UpsertRequest;
  using UpsertResponse = v1::UpsertResponse;
  using DeleteRequest = v1::DeleteRequest;
  using DeleteResponse = v1::DeleteResponse;
  using CreateMultipleRequest = v1::CreateMultipleRequest;
  using CreateMultipleResponse = v1::CreateMultipleResponse;
  using UpdateMultipleRequest = v1::UpdateMultipleRequest;
  using UpdateMultipleResponse = v1::UpdateMultipleResponse;
  using UpsertMultipleRequest = v1::UpsertMultipleRequest;
  using UpsertMultipleResponse = v1::UpsertMultipleResponse;
  using BulkDeleteRequest = v1::BulkDeleteRequest;
  using BulkDeleteResponse = v1::BulkDeleteResponse;
};

// Holds the methods and what they are registered with, which must live equally long.
struct Service {
  Service(feed::Feed& feed, Metrics& metrics, const call::Policy& policy, const entity_service::QuerySettings& settings,
          const RecordStates* records)
      : methods(feed),
        bulk(feed),
        queries(feed, settings),
        bulk_delete(feed, settings),
        transitions(feed.store()),
        checks(feed, records),
        raw("journeyfeed.customerjourney.v1.CustomerJourneyService", metrics, policy) {
    methods.Register(raw);
    bulk.Register(raw);
    queries.Register(raw);
    bulk_delete.Register(raw);
    transitions.Register(raw);
    checks.Register(raw);
  }
  entity_service::EntityService<Api> methods;
  entity_service::BulkMessages<Api> bulk;
  entity_service::QueryMessages<Api> queries;
  entity_service::BulkDeleteMessages<Api> bulk_delete;
  StateTransitionQuestions transitions;
  JourneyChecks checks;
  call::RawService raw;
};

}  // namespace

std::shared_ptr<call::RawService> MakeService(feed::Feed& feed, Metrics& metrics, const call::Policy& policy,
                                              const entity_service::QuerySettings& settings,
                                              const RecordStates* records) {
  auto service = std::make_shared<Service>(feed, metrics, policy, settings, records);
  return {service, &service->raw};
}

}  // namespace journeyfeed::customer_journey
