// Checks a RetrieveMultipleRequest, and turns what the store found into parts of the response.
#pragma once

#include <google/protobuf/struct.pb.h>

#include <optional>
#include <string>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "services/entity/query_settings.h"
#include "services/entity/request_parts.h"
#include "services/feed/token.h"

namespace journeyfeed::entity_service {

// Who asks, and when.
struct Asker {
  Uuid user;
  Timestamp now;
};

struct CheckedQuery {
  QueryRequest call;
  Timestamp as_of;          // what its relative times are about: the first page's time
  std::uint64_t token = 0;  // what its page tokens are bound to
};

// All violations at once; of each text the first.
Result<CheckedQuery> ReadQueryRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                      const QuerySettings& settings, const entity::v1::RetrieveMultipleRequest& request,
                                      const Asker& asker);

// One group as the response has it: its columns and aggregates by name.
google::protobuf::Struct ToStruct(const Grouping& grouping, const std::vector<Cell>& cells);

}  // namespace journeyfeed::entity_service
