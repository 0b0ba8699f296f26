// What the services of the entities are made from.
#pragma once

#include "services/call/stream_lifetime.h"
#include "services/feed/feed.h"
#include "services/feed/token.h"
#include "storage/base/timer.h"
#include "storage/store.h"

namespace journeyfeed::entity_service {

// References to what the assembler owns. Each outlives the services and the server. For constructors only: what serves
// a message takes of these what it uses.
struct EntityServiceParts {
  Store& store;
  const feed::TokenCodec& tokens;
  call::StreamLifetime& lifetime;  // of RetrieveEntityChanges and BulkDelete
  feed::Feed& feed;                // wakes RetrieveEntityChanges
  Timer& timer;                    // ends the pauses of BulkDelete
};

}  // namespace journeyfeed::entity_service
