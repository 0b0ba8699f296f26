// The differences between the entities, for tests that are the same for both.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {

struct OfSessions {
  using Service = sessions::JourneyRunSessionService;
  using Client = SessionClient;
  using Record = sessions::JourneyRunSession;
  using CreateMultipleRequest = sessions::CreateMultipleRequest;
  using UpdateMultipleRequest = sessions::UpdateMultipleRequest;
  using UpsertMultipleRequest = sessions::UpsertMultipleRequest;
  using RetrieveMultipleRequest = sessions::RetrieveMultipleRequest;
  using RetrieveRequest = sessions::RetrieveRequest;
  static constexpr char kTable[] = "journey_run_session";
  static SessionClient& TheClient() { return Sessions(); }
  static Record Make(const std::string& name) {
    Record record;
    record.set_name(name);
    record.set_journey_run_id("run");
    record.set_session("text");
    return record;
  }
};

struct OfJourneys {
  using Service = journeys::CustomerJourneyService;
  using Client = JourneyClient;
  using Record = journeys::CustomerJourney;
  using CreateMultipleRequest = journeys::CreateMultipleRequest;
  using UpdateMultipleRequest = journeys::UpdateMultipleRequest;
  using UpsertMultipleRequest = journeys::UpsertMultipleRequest;
  using RetrieveMultipleRequest = journeys::RetrieveMultipleRequest;
  using RetrieveRequest = journeys::RetrieveRequest;
  static constexpr char kTable[] = "customer_journey";
  static JourneyClient& TheClient() { return Journeys(); }
  static Record Make(const std::string& name) {
    Record record;
    record.set_name(name);
    return record;
  }
};

// A request to create `count` records, "<name> 0" and so on.
template <typename Of>
typename Of::CreateMultipleRequest CreateMany(int count, const std::string& name) {
  typename Of::CreateMultipleRequest request;
  for (int i = 0; i < count; ++i) *request.add_targets() = Of::Make(name + " " + std::to_string(i));
  return request;
}

template <typename Of>
auto Send(const typename Of::CreateMultipleRequest& request, const Headers& headers = {}) {
  return Of::TheClient().Send(&Of::Service::Stub::CreateMultiple, request, headers);
}
template <typename Of>
auto Send(const typename Of::UpdateMultipleRequest& request, const Headers& headers = {}) {
  return Of::TheClient().Send(&Of::Service::Stub::UpdateMultiple, request, headers);
}
template <typename Of>
auto Send(const typename Of::UpsertMultipleRequest& request, const Headers& headers = {}) {
  return Of::TheClient().Send(&Of::Service::Stub::UpsertMultiple, request, headers);
}
inline auto SendDelete(const sessions::DeleteMultipleRequest& request) {
  return Sessions().Send(&sessions::JourneyRunSessionService::Stub::DeleteMultiple, request);
}

// The ids of `count` new records.
template <typename Of>
std::vector<std::string> MakeMany(int count, const std::string& name) {
  const auto created = Send<Of>(CreateMany<Of>(count, name));
  EXPECT_TRUE(created.ok()) << created.ending;
  std::vector<std::string> ids;
  for (const auto& result : created->results()) ids.push_back(result.id());
  return ids;
}

// A row of an update that renames the record.
template <typename Of>
auto& AddUpdate(typename Of::UpdateMultipleRequest& request, const std::string& id, const std::string& name) {
  auto& row = *request.add_targets();
  row.mutable_target()->set_id(id);
  row.mutable_target()->set_name(name);
  return row;
}

// How many records have this name in a read after the write of `session_token`.
template <typename Of>
std::int64_t CountNamed(const std::string& filter, const std::string& session_token = "") {
  typename Of::RetrieveMultipleRequest request;
  request.set_filter(filter);
  request.set_page_size(1);
  request.set_count(true);
  request.set_session_token(session_token);
  const auto answer = Of::TheClient().Send(&Of::Service::Stub::RetrieveMultiple, request);
  EXPECT_TRUE(answer.ok()) << answer.ending;
  return answer->total_record_count();
}

// "NOT_FOUND" and the reason of a row's error; "" when it was executed.
inline std::string ErrorOf(const entity::v1::RowResult& result) {
  if (!result.has_error()) return "";
  return Decode(grpc::Status(static_cast<grpc::StatusCode>(result.error().code()), result.error().message(),
                             result.error().SerializeAsString()))
      .reason;
}

}  // namespace journeyfeed::testing
