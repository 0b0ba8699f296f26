#include "tests/replicas/replica.h"

#include "tests/integration/http.h"
#include "tests/integration/service.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
namespace pb = journeyrunsession::v1;

}  // namespace

Replica::Replica(std::vector<std::string> arguments) : arguments_(std::move(arguments)) { Start(); }

void Replica::Start() {
  std::vector<std::string> arguments{"--log-level", "warning", "--address", address_};
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  process_.emplace(arguments);
  address_ = process_->address();
  const auto channel = Connect(address_);
  if (!Eventually([&] { return IsServing(channel); }, 120s))
    throw std::runtime_error("the server is not ready\n" + process_->log());
}

int Replica::Restart() {
  const int code = process_->Terminate();
  process_.reset();
  Start();
  return code;
}

void Replica::KillAndRestart() {
  process_->Kill9();
  process_.reset();
  Start();
}

double Replica::Metric(const std::string& name) const {
  const std::string text = HttpGet(process_->metrics_address(), "/metrics");
  const auto at = text.find("\n" + name + " ");
  return at == text.npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

std::vector<std::string> AddressesOf(const std::vector<std::unique_ptr<Replica>>& replicas) {
  std::vector<std::string> addresses;
  for (const auto& replica : replicas) addresses.push_back(replica->address());
  return addresses;
}

OneClient::OneClient(const std::string& address) : stub_(pb::JourneyRunSessionService::NewStub(Connect(address))) {}

grpc::Status OneClient::Upsert(int key, const std::string& new_name) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 20s);
  pb::UpsertRequest request;
  pb::UpsertResponse response;
  request.mutable_target()->set_id(Key(key).id.ToString());
  request.mutable_target()->set_name(new_name);
  request.mutable_target()->set_journey_run_id("run");
  request.mutable_target()->set_session("s");
  const grpc::Status status = stub_->Upsert(&context, request, &response);
  version = response.version_number();
  session_token = response.session_token();
  return status;
}

grpc::Status OneClient::Retrieve(int key, const std::string& token, std::chrono::milliseconds limit) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit);
  pb::RetrieveRequest request;
  pb::RetrieveResponse response;
  request.mutable_target()->set_id(Key(key).id.ToString());
  request.set_session_token(token);
  const grpc::Status status = stub_->Retrieve(&context, request, &response);
  name = response.entity().name();
  return status;
}

grpc::Status OneClient::Load(int key, const std::string& token, std::chrono::milliseconds limit) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit);
  pb::RetrieveEntityChangesRequest request;
  request.set_session_token(token);
  const auto reader = stub_->RetrieveEntityChanges(&context, request);
  pb::RetrieveEntityChangesResponse response;
  while (reader->Read(&response)) {
    for (const auto& change : response.changes()) {
      if (change.new_or_updated_entity().id() == Key(key).id.ToString()) name = change.new_or_updated_entity().name();
    }
  }
  return reader->Finish();
}

}  // namespace journeyfeed::testing
