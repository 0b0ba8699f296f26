// A store whose pages are scripted, and a server over it with one client.
#pragma once

#include <grpcpp/grpcpp.h>
#include <prometheus/registry.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "services/entity_services.h"
#include "services/metrics.h"
#include "services/server.h"
#include "storage/postgres/feed/position.h"
#include "tests/support/service_parts.h"

namespace journeyfeed::testing {

class ScriptedStore : public Store {
 public:
  // The answer to the next read. When no answer is left, the last one is repeated.
  void Answer(Result<ChangePage> page);
  // If set, answers all reads instead. Any thread.
  std::function<Result<ChangePage>(const ChangePageRequest& call)> answer_by;
  // Called by each read, which gets no answer if this throws.
  std::function<void()> before_read;
  // Gets the answer of each read, to be called later; if not set, a read is answered at once.
  std::function<void(std::function<void()> answer)> deliver;
  std::vector<ChangePageRequest> asked() const;
  std::vector<std::chrono::steady_clock::time_point> asked_at() const;

  void Write(WriteRequest call, Callback<WriteOutcome> done) override;
  void Retrieve(RecordRequest call, Callback<std::optional<StoredRecord>> done) override;
  void RetrieveMultiple(QueryRequest call, Callback<QueryPage> done) override;
  void ReadChanges(ChangePageRequest call, Callback<ChangePage> done) override;
  void RetrieveChangeWindow(ChangeWindowRequest call, Callback<ChangeWindow> done) override;
  ChangePosition RestartLoad(const ChangePosition& position) const override { return postgres::RestartLoad(position); }
  PageEnd EndBefore(const PageEnd& end, std::int64_t seq) const override { return postgres::EndBefore(end, seq); }
  CommitPoint LaterPoint(const CommitPoint&, const CommitPoint& b) const override { return b; }
  void SetCommitListener(CommitListener) override {}
  void SetReadyListener(std::function<void(bool)>) override {}
  std::vector<std::pair<std::uint8_t, std::string>> TokenKeys() const override { return {{1, "secret"}}; }

 private:
  mutable std::mutex mutex_;
  std::deque<Result<ChangePage>> answers_;                       // guarded by mutex_
  std::vector<ChangePageRequest> asked_;                         // guarded by mutex_
  std::vector<std::chrono::steady_clock::time_point> asked_at_;  // guarded by mutex_
};

// The end of a page.
PageEnd EndOf(std::int64_t seq, std::int64_t high_water);
// A page of `changes` records that ends at `seq` in a log whose head is `head`.
ChangePage PageAt(std::int64_t seq, std::int64_t head, int changes = 0);
// A page of a load that began at `start`.
ChangePage LoadPageAt(std::int64_t start, std::uint32_t block, int changes);
// A page of one change with a record of `bytes`, in a log that goes on.
ChangePage LargePageAt(std::int64_t seq, std::size_t bytes);
Failure Failing(ErrorReason reason);

class StreamServer {
 public:
  using Request = journeyrunsession::v1::RetrieveEntityChangesRequest;
  using Response = journeyrunsession::v1::RetrieveEntityChangesResponse;

  // Without channels unless `feed` says otherwise.
  explicit StreamServer(const call::StreamLifetimeSettings& settings = {},
                        const feed::FeedSettings& feed = {.live = {.ring_bytes = 0}, .streams = {}});

  ScriptedStore store;
  // Reads until the stream ends or `enough` returns true; then cancels it.
  grpc::Status Read(const Request& request, std::vector<Response>& messages,
                    const std::function<bool(const std::vector<Response>&)>& enough = {});
  // Begins a stream that reads nothing until the test does.
  std::unique_ptr<grpc::ClientReader<Response>> Open(grpc::ClientContext& context, const Request& request);
  feed::Feed& feed() { return parts_.feed; }
  const feed::TokenCodec& tokens() const { return parts_.tokens; }
  call::StreamLifetime& lifetime() { return parts_.lifetime; }

 private:
  OwnedServiceParts parts_;
  Metrics metrics_;
  std::shared_ptr<call::RawService> service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<journeyrunsession::v1::JourneyRunSessionService::Stub> stub_;
};

}  // namespace journeyfeed::testing
