#include "tests/unit/cli/fake_service.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/eventually.h"

namespace journeyfeed::cli::testing {
grpc::Status MakeError(grpc::StatusCode code, const std::string& reason, const std::string& message,
                       const ErrorDetails& details) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("journeyfeed");
  if (details.violations_total > 0) {
    (*info.mutable_metadata())["violations_total"] = std::to_string(details.violations_total);
  }
  status.add_details()->PackFrom(info);
  if (details.retry_milliseconds) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(*details.retry_milliseconds / 1000);
    retry.mutable_retry_delay()->set_nanos(*details.retry_milliseconds % 1000 * 1'000'000);
    status.add_details()->PackFrom(retry);
  }
  google::rpc::BadRequest bad_request;
  for (int i = 0; i < details.violations; ++i) {
    auto& violation = *bad_request.add_field_violations();
    violation.set_field("target.f" + std::to_string(i));
    violation.set_description("is wrong");
  }
  if (details.violations > 0) status.add_details()->PackFrom(bad_request);
  return {code, message, status.SerializeAsString()};
}

grpc::Status FakeJourneys::Create(grpc::ServerContext* context, const journey::CreateRequest* request,
                                  journey::CreateResponse* response) {
  for (const auto& [name, value] : context->client_metadata()) {
    metadata.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  context->AddInitialMetadata("x-correlation-id", "made-by-the-service");
  created = *request;
  request_ids.push_back(request->request_id());
  response->set_id(kId);
  response->set_version_number(7);
  response->set_session_token("session-token");
  if (request->return_representation()) *response->mutable_representation() = request->target();
  return answer(static_cast<int>(request_ids.size()) - 1);
}

grpc::Status FakeJourneys::Update(grpc::ServerContext*, const journey::UpdateRequest* request,
                                  journey::UpdateResponse* response) {
  updated = *request;
  response->set_version_number(8);
  return answer(0);
}

grpc::Status FakeJourneys::Upsert(grpc::ServerContext*, const journey::UpsertRequest* request,
                                  journey::UpsertResponse* response) {
  upserted = *request;
  response->set_record_created(true);
  response->mutable_target()->set_id(request->target().id());
  return answer(0);
}

grpc::Status FakeJourneys::Retrieve(grpc::ServerContext*, const journey::RetrieveRequest* request,
                                    journey::RetrieveResponse* response) {
  retrieved = *request;
  if (!request->if_none_match().empty()) {
    response->set_not_modified(true);
  } else {
    *response->mutable_entity() = stored;
  }
  return answer(0);
}

std::vector<FakeSessions::Request> FakeSessions::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

grpc::Status FakeSessions::RetrieveEntityChanges(grpc::ServerContext* context, const Request* request, Writer* writer) {
  int call = 0;
  {
    const std::lock_guard lock(mutex_);
    call = static_cast<int>(requests_.size());
    requests_.push_back(*request);
  }
  return stream(call, *request, *writer, *context);
}

grpc::Status FakeSessions::Upsert(grpc::ServerContext*, const session::UpsertRequest* request,
                                  session::UpsertResponse* response) {
  upserted = *request;
  response->mutable_target()->set_id(request->target().id());
  return grpc::Status::OK;
}

grpc::Status FakeSessions::Delete(grpc::ServerContext*, const session::DeleteRequest* request,
                                  session::DeleteResponse* response) {
  deleted = *request;
  response->set_version_number(9);
  return grpc::Status::OK;
}

FakeSessions::Response Changes(int first, int last) {
  FakeSessions::Response message;
  message.set_phase(entity::v1::CHANGE_PHASE_CHANGES);
  for (int version = first; version <= last; ++version) {
    auto& change = *message.add_changes();
    change.mutable_new_or_updated_entity()->set_id(kId);
    change.mutable_new_or_updated_entity()->set_name("run");
    change.mutable_new_or_updated_entity()->set_version_number(version);
    change.set_version_number(version);
    change.set_sequence_number(version);
    change.set_message(entity::v1::MESSAGE_NAME_CREATE_MULTIPLE);
    change.mutable_commit_time()->set_seconds(1'700'000'000);
    change.set_call_end(true);
  }
  message.set_data_token("t" + std::to_string(last));
  return message;
}

void AwaitCancel(grpc::ServerContext& context) {
  (void)journeyfeed::testing::Eventually([&] { return context.IsCancelled(); }, std::chrono::seconds(30));
}

FakeService::FakeService() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&journeys);
  builder.RegisterService(&sessions);
  server_ = builder.BuildAndStart();
  address = "127.0.0.1:" + std::to_string(port);
}

FakeService::~FakeService() { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5)); }

}  // namespace journeyfeed::cli::testing
