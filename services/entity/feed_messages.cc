// RetrieveEntityChanges and RetrieveChangeWindow.
#include <chrono>
#include <utility>

#include "services/entity/change_request.h"
#include "services/entity/entity_service.h"
#include "services/feed/change_stream.h"
#include "services/feed/oldest_token.h"
#include "storage/proto_time.h"

namespace journeyfeed::entity_service {
namespace {

// After which a stream that was refused may try again, at the earliest.
constexpr std::chrono::milliseconds kRefusalPause{1000};

}  // namespace

Result<std::shared_ptr<call::StreamCall>> EntityService::RetrieveEntityChanges(
    call::StreamArguments arguments, const pb::RetrieveEntityChangesRequest& request) {
  auto checked = ReadChangeRequest(entity_, store_, tokens_, request);
  if (!checked) return std::unexpected(checked.error());
  feed::Share slot = feed_.limits().CountStream();
  if (feed_.limits().Full()) return std::unexpected(TooManyStreams());
  return std::make_shared<feed::ChangeStream>(std::move(arguments), store_, tokens_, lifetime_, feed_, timer_,
                                              std::move(slot), *std::move(checked));
}

Failure EntityService::TooManyStreams() const {
  feed_.metrics().CountRefusal(entity_);
  return {.reason = pb::ERROR_REASON_OVERLOADED,
          .message = "as many change streams are open as this server serves (setting feed-max-streams)",
          .retry_after = kRefusalPause + lifetime_.PickReconnectAfter()};
}

void EntityService::RetrieveChangeWindow(
    const call::Call<pb::RetrieveChangeWindowRequest, pb::RetrieveChangeWindowResponse>& call) {
  auto checked = ReadWindowRequest(entity_, tokens_, call.request());
  if (!checked) return call.Finish(std::unexpected(checked.error()));
  checked->call.deadline = call.context().deadline;
  checked->call.gone = call.gone();
  const bool counted = checked->call.after.has_value();
  store_.RetrieveChangeWindow(
      std::move(checked->call), [this, call, counted, view = checked->view](Result<ChangeWindow> window) {
        if (!window) return call.Finish(std::unexpected(feed::WithOldestToken(window.error(), tokens_, entity_, view)));
        pb::RetrieveChangeWindowResponse response;
        response.set_oldest_data_token(tokens_.EncodeData(entity_, view, window->oldest.position));
        response.set_newest_data_token(tokens_.EncodeData(entity_, view, window->newest.position));
        if (window->oldest_logged_at) ToProto(*window->oldest_logged_at, *response.mutable_oldest_time());
        if (window->newest_logged_at) ToProto(*window->newest_logged_at, *response.mutable_newest_time());
        ToProto(window->as_of, *response.mutable_as_of());
        if (counted) response.set_pending_changes(window->pending);
        response.set_pending_changes_limit_exceeded(counted && window->more_pending);
        if (window->pending_since) {
          const std::chrono::microseconds age(window->as_of.micros - window->pending_since->micros);
          ToProto(std::chrono::floor<std::chrono::milliseconds>(age), *response.mutable_lag());
        }
        call.Finish(std::move(response));
      });
}

}  // namespace journeyfeed::entity_service
