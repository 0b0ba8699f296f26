// A store of sessions that have only keys and versions, and a server over it with one client.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "services/entity_services.h"
#include "services/server.h"
#include "tests/support/service_parts.h"

namespace journeyfeed::testing {

class StoreOfKeys final : public Store {
 public:
  // Records of version 1. `endless`: the first page follows the last one.
  explicit StoreOfKeys(int records, bool endless = false);

  // Called before a batch is executed. An error becomes its answer.
  std::function<Result<void>(const WriteRequest&)> before_write;

  // Records whose status forbids their deletion. Set it before the calls.
  std::set<Uuid> refused;

  void Touch(const Uuid& id);
  std::size_t size() const;
  Uuid At(std::size_t index) const;
  std::vector<QueryRequest> queries() const;
  std::vector<ChangePageRequest> states() const;

  void Write(WriteRequest call, Callback<WriteOutcome> done) override;
  void Retrieve(RecordRequest call, Callback<std::optional<StoredRecord>> done) override;
  void RetrieveMultiple(QueryRequest call, Callback<QueryPage> done) override;
  void ReadChanges(ChangePageRequest call, Callback<ChangePage> done) override;
  void RetrieveChangeWindow(ChangeWindowRequest call, Callback<ChangeWindow> done) override;
  ChangePosition RestartLoad(const ChangePosition& position) const override { return position; }
  PageEnd EndBefore(const PageEnd& end, std::int64_t) const override { return end; }
  CommitPoint LaterPoint(const CommitPoint&, const CommitPoint& b) const override { return b; }
  void SetCommitListener(CommitListener) override {}
  void SetReadyListener(std::function<void(bool)>) override {}
  std::vector<std::pair<std::uint8_t, std::string>> TokenKeys() const override { return {{1, "secret"}}; }

 private:
  const bool endless_;
  mutable std::mutex mutex_;
  std::map<Uuid, std::int64_t> versions_;  // guarded by mutex_
  std::vector<QueryRequest> queries_;      // guarded by mutex_
  std::vector<ChangePageRequest> states_;  // guarded by mutex_
};

class DeletionServer {
 public:
  using Response = journeyrunsession::v1::BulkDeleteResponse;

  explicit DeletionServer(Store& store, const call::StreamLifetimeSettings& settings = {});

  // Deletes everything. Returns the messages, and the status at the end.
  grpc::Status DeleteAll(std::vector<Response>& messages, std::chrono::milliseconds limit = std::chrono::seconds(20));
  call::StreamLifetime& lifetime() { return parts_.lifetime; }

 private:
  OwnedServiceParts parts_;
  Metrics metrics_;
  std::shared_ptr<call::RawService> service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<journeyrunsession::v1::JourneyRunSessionService::Stub> stub_;
};

}  // namespace journeyfeed::testing
