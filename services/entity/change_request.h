// Checks the requests of a feed: RetrieveEntityChanges and RetrieveChangeWindow.
#pragma once

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "services/entity/request_parts.h"
#include "services/feed/change_stream.h"

namespace journeyfeed::entity_service {

// All violations at once. FEED_TOKEN_INVALID, FEED_TOKEN_VIEW_MISMATCH: the token.
Result<feed::ChangeRequest> ReadChangeRequest(const dictionary::Entity& entity, const Store& store,
                                              const feed::TokenCodec& tokens,
                                              const entity::v1::RetrieveEntityChangesRequest& request);

struct CheckedWindowRequest {
  ChangeWindowRequest call;
  std::uint64_t view = 0;  // what its tokens are bound to
};

// As ReadChangeRequest.
Result<CheckedWindowRequest> ReadWindowRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                               const entity::v1::RetrieveChangeWindowRequest& request);

}  // namespace journeyfeed::entity_service
