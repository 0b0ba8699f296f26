// Unary calls and their answers, with errors decoded like a client does.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/integration/requests.h"
#include "tests/integration/service.h"

namespace journeyfeed::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Violation {
  std::string field;
  std::string reason;
};

// How a call ended.
struct Ending {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  std::size_t detail_bytes = 0;
  // From google.rpc.ErrorInfo; empty if there was none.
  std::string reason;
  std::string domain;
  std::map<std::string, std::string> metadata;
  std::vector<Violation> violations;
  std::optional<std::chrono::milliseconds> retry_after;

  bool ok() const { return code == grpc::StatusCode::OK; }
  bool Violates(std::string_view field) const;
};

std::ostream& operator<<(std::ostream& out, const Ending& ending);

Ending Decode(const grpc::Status& status);

template <typename Response>
struct Answer {
  Ending ending;
  Response response;
  std::multimap<std::string, std::string> headers;  // initial metadata

  bool ok() const { return ending.ok(); }
  const Response* operator->() const { return &response; }
};

// Sets the deadline that every call of a test has.
void Prepare(grpc::ClientContext& context, const Headers& headers);
std::multimap<std::string, std::string> InitialMetadata(const grpc::ClientContext& context);

// Any method, any bytes. `responses` holds what arrived before the end.
struct RawAnswer {
  Ending ending;
  std::vector<std::string> responses;
};
RawAnswer CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, const std::string& request,
                  const Headers& headers = {});

// The five messages of an entity. Requests are in text format.
template <typename Service, typename CreateRequest, typename RetrieveRequest, typename UpdateRequest,
          typename UpsertRequest, typename DeleteRequest>
class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel) : stub_(Service::NewStub(channel)) {}

  auto Create(std::string_view text, const Headers& headers = {}) {
    return Send(&Stub::Create, Parse<CreateRequest>(text), headers);
  }
  auto Retrieve(std::string_view text, const Headers& headers = {}) {
    return Send(&Stub::Retrieve, Parse<RetrieveRequest>(text), headers);
  }
  auto Update(std::string_view text, const Headers& headers = {}) {
    return Send(&Stub::Update, Parse<UpdateRequest>(text), headers);
  }
  auto Upsert(std::string_view text, const Headers& headers = {}) {
    return Send(&Stub::Upsert, Parse<UpsertRequest>(text), headers);
  }
  auto Delete(std::string_view text, const Headers& headers = {}) {
    return Send(&Stub::Delete, Parse<DeleteRequest>(text), headers);
  }

  // The record as stored; empty if there is none.
  auto Get(const std::string& id, const std::string& more = "") {
    return Retrieve("target { id: " + Quote(id) + " " + more + " }").response.entity();
  }

  template <typename Request, typename Response>
  Answer<Response> Send(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                        const Request& request, const Headers& headers = {}) {
    grpc::ClientContext context;
    Prepare(context, headers);
    Answer<Response> answer;
    answer.ending = Decode((stub_.get()->*method)(&context, request, &answer.response));
    answer.headers = InitialMetadata(context);
    return answer;
  }

  typename Service::Stub& stub() { return *stub_; }

 private:
  using Stub = typename Service::Stub;
  std::unique_ptr<Stub> stub_;
};

using SessionClient = Client<sessions::JourneyRunSessionService, sessions::CreateRequest, sessions::RetrieveRequest,
                             sessions::UpdateRequest, sessions::UpsertRequest, sessions::DeleteRequest>;
using JourneyClient = Client<journeys::CustomerJourneyService, journeys::CreateRequest, journeys::RetrieveRequest,
                             journeys::UpdateRequest, journeys::UpsertRequest, journeys::DeleteRequest>;

// A client of the shared server.
SessionClient& Sessions();
JourneyClient& Journeys();

// Creates a record for a test. Returns its id.
std::string MakeSession(const std::string& more = "");
std::string MakeJourney(const std::string& more = "");

inline std::string Target(const std::string& id, const std::string& more = "") {
  return "target { id: " + Quote(id) + " " + more + " } ";
}

}  // namespace journeyfeed::testing
