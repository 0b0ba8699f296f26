// A real server with the session service, whose handlers a test sets, and a real client.
#pragma once

#include <grpcpp/grpcpp.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "services/call/raw_service.h"
#include "services/call/request_pool.h"
#include "services/metrics.h"
#include "services/server.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {

namespace pb = journeyfeed::journeyrunsession::v1;

using CreateCall = call::Call<pb::CreateRequest, pb::CreateResponse>;
using DeleteCall = call::Call<pb::DeleteRequest, pb::DeleteResponse>;
using StreamFactory =
    std::function<Result<std::shared_ptr<call::StreamCall>>(call::StreamArguments, pb::RetrieveEntityChangesRequest)>;

inline constexpr char kSessionService[] = "journeyfeed.journeyrunsession.v1.JourneyRunSessionService";

// Settings with free ports and the given flags.
Settings TestSettings(const std::vector<std::string>& flags = {});

class Harness {
 public:
  // `memory`: for large requests (call::RequestPool).
  explicit Harness(const std::vector<std::string>& flags = {}, std::size_t memory = 256 << 20);

  // The handlers of Create, Delete and RetrieveEntityChanges. Set them before the first call.
  std::function<void(CreateCall)> on_create;
  std::function<void(DeleteCall)> on_delete;
  StreamFactory on_stream;
  std::function<void()> on_drain;

  Server& server() { return *server_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }
  pb::JourneyRunSessionService::Stub& stub() { return *stub_; }

  call::RequestPool& pool() { return pool_; }

  // Sends any bytes.
  grpc::Status Raw(const std::string& method, const std::string& bytes, grpc::ClientContext& context);
  grpc::Status CreateRaw(const std::string& bytes, grpc::ClientContext& context) {
    return Raw("Create", bytes, context);
  }
  grpc::Status DeleteRaw(const std::string& bytes, grpc::ClientContext& context) {
    return Raw("Delete", bytes, context);
  }
  grpc::Status Delete(grpc::ClientContext& context, pb::DeleteResponse* response = nullptr);

  // Value of a counter or gauge, or the count of a histogram; -1 if there is no such series. Empty `code`: without this
  // label.
  double Metric(const std::string& name, const std::string& method, const std::string& code = "");

 private:
  Metrics metrics_;
  call::RequestPool pool_;
  call::RawService service_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<pb::JourneyRunSessionService::Stub> stub_;
};

// The details of an error; each must occur exactly once.
struct Details {
  google::rpc::Status status;
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  int infos = 0, bad_requests = 0, retries = 0, others = 0;
};
Details DetailsOf(const grpc::Status& status);

// Captures the log from its construction on; its destructor redirects the log to stderr.
class LogCapture {
 public:
  explicit LogCapture(LogLevel level = LogLevel::kDebug);
  ~LogCapture();
  // Every line so far. A line that is not a JSON object fails the test.
  std::vector<nlohmann::json> Lines();
  // Those with this "msg".
  std::vector<nlohmann::json> Lines(const std::string& message);

 private:
  TempDir directory_;
  int descriptor_;
};

}  // namespace journeyfeed::testing
