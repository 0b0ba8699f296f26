// Checks a RetrieveMultipleRequest of any package, and turns what the store found into parts of the response.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>

#include <optional>
#include <string>

#include "services/entity/query_settings.h"
#include "services/entity/request_parts.h"
#include "services/feed/token.h"

namespace journeyfeed::entity_service {

// The fields that every package's request has.
struct QueryRequestFields {
  const std::string& filter;
  const google::protobuf::FieldMask& columns;
  const std::string& order_by;
  const std::string& apply;
  std::int32_t page_size;
  const std::string& page_token;
  bool count;
  std::optional<std::string> partition_id;
  const std::string& session_token;
  Uuid user;  // who asks
  Timestamp now;
};

struct CheckedQuery {
  RetrieveMultipleCall call;
  Timestamp as_of;          // what its relative times are about: the first page's time
  std::uint64_t token = 0;  // what its page tokens are bound to
};

// All violations at once; of each text the first.
Result<CheckedQuery> CheckQueryRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                       const QuerySettings& settings, const QueryRequestFields& fields);

// One group as the response has it: its columns and aggregates by name.
google::protobuf::Struct ToStruct(const Grouping& grouping, const std::vector<Cell>& cells);

template <typename Request>
Result<CheckedQuery> ReadQueryRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                      const QuerySettings& settings, const Request& request, const Uuid& user,
                                      Timestamp now) {
  std::optional<std::string> partition_id;
  if constexpr (requires { request.has_partition_id(); }) {
    if (request.has_partition_id()) partition_id = request.partition_id();
  }
  return CheckQueryRequest(entity, tokens, settings,
                           {.filter = request.filter(),
                            .columns = request.columns(),
                            .order_by = request.order_by(),
                            .apply = request.apply(),
                            .page_size = request.page_size(),
                            .page_token = request.page_token(),
                            .count = request.count(),
                            .partition_id = std::move(partition_id),
                            .session_token = request.session_token(),
                            .user = user,
                            .now = now});
}

}  // namespace journeyfeed::entity_service
