#include "tests/bench/contenders/session_calls.h"

#include <stdexcept>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.pb.h"

namespace journeyfeed::bench::session_calls {
namespace {

namespace v1 = journeyrunsession::v1;

http2::Call CallOf(const char* method, const google::protobuf::Message& request) {
  return {.path = std::string("/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/") + method,
          .message = request.SerializeAsString()};
}

http2::Call Changes(const v1::RetrieveEntityChangesRequest& request) {
  return CallOf("RetrieveEntityChanges", request);
}

void SetTarget(v1::JourneyRunSession& target, const std::string& text, const std::optional<std::string>& partition) {
  if (partition) target.set_partition_id(*partition);
  target.set_name("bench");
  target.set_journey_run_id("42");
  target.set_session(text);
}

}  // namespace

http2::Call Follow(const std::optional<std::string>& partition) {
  v1::RetrieveEntityChangesRequest request;
  request.set_follow(true);
  request.set_skip_initial_load(true);
  if (partition) request.set_partition_id(*partition);
  return Changes(request);
}

http2::Call Resume(const std::string& token) {
  v1::RetrieveEntityChangesRequest request;
  request.set_follow(true);
  request.set_data_version(token);
  return Changes(request);
}

http2::Call Load() { return Changes({}); }

http2::Call CatchUp(const std::string& token) {
  v1::RetrieveEntityChangesRequest request;
  request.set_data_version(token);
  return Changes(request);
}

http2::Call Create(const std::vector<std::string>& texts, const std::optional<std::string>& partition) {
  if (texts.size() == 1) {
    v1::CreateRequest request;
    SetTarget(*request.mutable_target(), texts.front(), partition);
    return CallOf("Create", request);
  }
  v1::CreateMultipleRequest request;
  for (const std::string& text : texts) SetTarget(*request.add_targets(), text, partition);
  return CallOf("CreateMultiple", request);
}

std::string TokenOf(std::string_view message) {
  v1::RetrieveEntityChangesResponse response;
  if (!response.ParseFromArray(message.data(), static_cast<int>(message.size())) || response.data_token().empty())
    throw std::runtime_error("a message of the stream has no token");
  return response.data_token();
}

}  // namespace journeyfeed::bench::session_calls
