// The generated types of each entity under the same names, for the templates of entity.cc.
#pragma once

#include "journeyfeed/customerjourney/v1/customer_journey_service.grpc.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"

namespace journeyfeed::cli {

struct SessionTypes {
  static constexpr char kName[] = "session";
  using Service = journeyrunsession::v1::JourneyRunSessionService;
  using Record = journeyrunsession::v1::JourneyRunSession;
  using CreateRequest = journeyrunsession::v1::CreateRequest;
  using CreateResponse = journeyrunsession::v1::CreateResponse;
  using RetrieveRequest = journeyrunsession::v1::RetrieveRequest;
  using RetrieveResponse = journeyrunsession::v1::RetrieveResponse;
  using UpdateRequest = journeyrunsession::v1::UpdateRequest;
  using UpdateResponse = journeyrunsession::v1::UpdateResponse;
  using UpsertRequest = journeyrunsession::v1::UpsertRequest;
  using UpsertResponse = journeyrunsession::v1::UpsertResponse;
  using DeleteRequest = journeyrunsession::v1::DeleteRequest;
  using DeleteResponse = journeyrunsession::v1::DeleteResponse;
  using QueryRequest = journeyrunsession::v1::RetrieveMultipleRequest;
  using QueryResponse = journeyrunsession::v1::RetrieveMultipleResponse;
  using CreateMultipleRequest = journeyrunsession::v1::CreateMultipleRequest;
  using CreateMultipleResponse = journeyrunsession::v1::CreateMultipleResponse;
  using UpsertMultipleRequest = journeyrunsession::v1::UpsertMultipleRequest;
  using UpsertMultipleResponse = journeyrunsession::v1::UpsertMultipleResponse;
  using BulkDeleteRequest = journeyrunsession::v1::BulkDeleteRequest;
  using BulkDeleteResponse = journeyrunsession::v1::BulkDeleteResponse;
  using ChangesRequest = journeyrunsession::v1::RetrieveEntityChangesRequest;
  using ChangesResponse = journeyrunsession::v1::RetrieveEntityChangesResponse;
};

struct JourneyTypes {
  static constexpr char kName[] = "journey";
  using Service = customerjourney::v1::CustomerJourneyService;
  using Record = customerjourney::v1::CustomerJourney;
  using CreateRequest = customerjourney::v1::CreateRequest;
  using CreateResponse = customerjourney::v1::CreateResponse;
  using RetrieveRequest = customerjourney::v1::RetrieveRequest;
  using RetrieveResponse = customerjourney::v1::RetrieveResponse;
  using UpdateRequest = customerjourney::v1::UpdateRequest;
  using UpdateResponse = customerjourney::v1::UpdateResponse;
  using UpsertRequest = customerjourney::v1::UpsertRequest;
  using UpsertResponse = customerjourney::v1::UpsertResponse;
  using DeleteRequest = customerjourney::v1::DeleteRequest;
  using DeleteResponse = customerjourney::v1::DeleteResponse;
  using QueryRequest = customerjourney::v1::RetrieveMultipleRequest;
  using QueryResponse = customerjourney::v1::RetrieveMultipleResponse;
  using CreateMultipleRequest = customerjourney::v1::CreateMultipleRequest;
  using CreateMultipleResponse = customerjourney::v1::CreateMultipleResponse;
  using UpsertMultipleRequest = customerjourney::v1::UpsertMultipleRequest;
  using UpsertMultipleResponse = customerjourney::v1::UpsertMultipleResponse;
  using BulkDeleteRequest = customerjourney::v1::BulkDeleteRequest;
  using BulkDeleteResponse = customerjourney::v1::BulkDeleteResponse;
  using ChangesRequest = customerjourney::v1::RetrieveEntityChangesRequest;
  using ChangesResponse = customerjourney::v1::RetrieveEntityChangesResponse;
};

}  // namespace journeyfeed::cli
