// Change streams as a client sees them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {

// Requests of RetrieveEntityChanges are in text format.
template <typename Service, typename Request, typename Response>
class ChangeReader {
 public:
  ChangeReader(const std::shared_ptr<grpc::Channel>& channel, std::string_view request, const Headers& headers = {})
      : stub_(Service::NewStub(channel)) {
    Prepare(context_, headers);
    reader_ = stub_->RetrieveEntityChanges(&context_, Parse<Request>(request));
  }
  ~ChangeReader() {
    if (!ended_) context_.TryCancel();
    End();
  }

  // The next message; nothing if the stream has ended.
  std::optional<Response> Next() {
    Response response;
    if (!reader_->Read(&response)) return std::nullopt;
    token_ = response.data_token();
    return response;
  }

  // Reads until a message fulfils the condition. Returns nothing if the stream ends before.
  std::optional<Response> Await(const std::function<bool(const Response&)>& condition) {
    for (auto response = Next(); response; response = Next()) {
      if (condition(*response)) return response;
    }
    return std::nullopt;
  }

  std::vector<Response> ReadAll() {
    std::vector<Response> all;
    for (auto response = Next(); response; response = Next()) all.push_back(*std::move(response));
    return all;
  }

  // To be called after the last message.
  const Ending& End() {
    if (!ended_) ended_ = Decode(reader_->Finish());
    return *ended_;
  }

  void Cancel() { context_.TryCancel(); }
  const std::string& token() const { return token_; }  // of the newest message

 private:
  std::unique_ptr<typename Service::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  std::optional<Ending> ended_;
  std::string token_;
};

using SessionChanges = ChangeReader<sessions::JourneyRunSessionService, sessions::RetrieveEntityChangesRequest,
                                    sessions::RetrieveEntityChangesResponse>;
using JourneyChanges = ChangeReader<journeys::CustomerJourneyService, journeys::RetrieveEntityChangesRequest,
                                    journeys::RetrieveEntityChangesResponse>;

// The token of the newest change of the shared server or another one.
std::string SessionHead(const std::shared_ptr<grpc::Channel>& channel = TheService().server.channel(),
                        const std::string& more = "");
std::string JourneyHead(const std::shared_ptr<grpc::Channel>& channel = TheService().server.channel(),
                        const std::string& more = "");

// The changes of a finite stream after a token.
std::vector<sessions::EntityChange> SessionChangesSince(const std::string& token, const std::string& more = "");
std::vector<journeys::EntityChange> JourneyChangesSince(const std::string& token, const std::string& more = "");

}  // namespace journeyfeed::testing
