// A service that a test scripts, on a free port.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "journeyfeed/customerjourney/v1/customer_journey_service.grpc.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"

namespace journeyfeed::cli::testing {

namespace journey = customerjourney::v1;
namespace session = journeyrunsession::v1;

// The record that the fake services answer with.
inline constexpr char kId[] = "6628bbf7-c52a-e911-a9b7-000d3a1e6adc";

// An error in the service's form.
struct ErrorDetails {
  int violations = 0;
  int violations_total = 0;
  std::optional<int> retry_milliseconds = {};
};
grpc::Status MakeError(grpc::StatusCode code, const std::string& reason, const std::string& message,
                       const ErrorDetails& details = {});

// Journeys: keeps the last request of each kind. `answer` decides the status of the writes.
class FakeJourneys final : public journey::CustomerJourneyService::Service {
 public:
  std::function<grpc::Status(int call)> answer = [](int) { return grpc::Status::OK; };
  std::vector<std::string> request_ids;  // of all creates
  journey::CreateRequest created;
  journey::UpdateRequest updated;
  journey::UpsertRequest upserted;
  journey::RetrieveRequest retrieved;
  std::multimap<std::string, std::string> metadata;
  journey::CustomerJourney stored;

  grpc::Status Create(grpc::ServerContext* context, const journey::CreateRequest* request,
                      journey::CreateResponse* response) override;
  grpc::Status Update(grpc::ServerContext* context, const journey::UpdateRequest* request,
                      journey::UpdateResponse* response) override;
  grpc::Status Upsert(grpc::ServerContext* context, const journey::UpsertRequest* request,
                      journey::UpsertResponse* response) override;
  grpc::Status Retrieve(grpc::ServerContext* context, const journey::RetrieveRequest* request,
                        journey::RetrieveResponse* response) override;

  // Each plays one call; they run on several threads.
  std::function<grpc::Status(const journey::RetrieveMultipleRequest&, journey::RetrieveMultipleResponse&)> query;
  std::function<grpc::Status(const journey::UpsertMultipleRequest&, journey::UpsertMultipleResponse&)> upsert_rows;
  std::function<grpc::Status(const journey::CreateMultipleRequest&, journey::CreateMultipleResponse&)> create_rows;

  grpc::Status RetrieveMultiple(grpc::ServerContext*, const journey::RetrieveMultipleRequest* request,
                                journey::RetrieveMultipleResponse* response) override {
    return query(*request, *response);
  }
  grpc::Status UpsertMultiple(grpc::ServerContext*, const journey::UpsertMultipleRequest* request,
                              journey::UpsertMultipleResponse* response) override {
    return upsert_rows(*request, *response);
  }
  grpc::Status CreateMultiple(grpc::ServerContext*, const journey::CreateMultipleRequest* request,
                              journey::CreateMultipleResponse* response) override {
    return create_rows(*request, *response);
  }
};

// Sessions: a feed. `stream` plays one call; the first one is number 0.
class FakeSessions final : public session::JourneyRunSessionService::Service {
 public:
  using Request = session::RetrieveEntityChangesRequest;
  using Response = session::RetrieveEntityChangesResponse;
  using Writer = grpc::ServerWriter<Response>;

  std::function<grpc::Status(int call, const Request& request, Writer& writer, grpc::ServerContext& context)> stream;
  std::vector<Request> requests() const;
  session::UpsertRequest upserted;
  session::DeleteRequest deleted;

  grpc::Status RetrieveEntityChanges(grpc::ServerContext* context, const Request* request, Writer* writer) override;
  grpc::Status Upsert(grpc::ServerContext* context, const session::UpsertRequest* request,
                      session::UpsertResponse* response) override;
  grpc::Status Delete(grpc::ServerContext* context, const session::DeleteRequest* request,
                      session::DeleteResponse* response) override;

  std::function<grpc::Status(int call, const session::BulkDeleteRequest&,
                             grpc::ServerWriter<session::BulkDeleteResponse>&)>
      bulk_delete;
  int bulk_deletes = 0;
  grpc::Status BulkDelete(grpc::ServerContext*, const session::BulkDeleteRequest* request,
                          grpc::ServerWriter<session::BulkDeleteResponse>* writer) override {
    return bulk_delete(bulk_deletes++, *request, *writer);
  }

  // Plays one call; runs on several threads.
  std::function<grpc::Status(const session::UpsertMultipleRequest&, session::UpsertMultipleResponse&)> upsert_rows;
  grpc::Status UpsertMultiple(grpc::ServerContext*, const session::UpsertMultipleRequest* request,
                              session::UpsertMultipleResponse* response) override {
    return upsert_rows(*request, *response);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Request> requests_;  // guarded by mutex_
};

// A message with changes of versions first to last and the token "t<last>".
FakeSessions::Response Changes(int first, int last);
// Returns when the client has cancelled.
void AwaitCancel(grpc::ServerContext& context);

struct FakeService {
  FakeService();
  ~FakeService();

  FakeJourneys journeys;
  FakeSessions sessions;
  std::string address;

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace journeyfeed::cli::testing
