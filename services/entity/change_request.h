// Checks a RetrieveEntityChangesRequest of any package.
#pragma once

#include <chrono>

#include "services/entity/request_parts.h"
#include "services/feed/change_stream.h"
#include "storage/dictionary/mask.h"

namespace journeyfeed::entity_service {

// The fields that every package's request has.
struct ChangeRequestFields {
  const std::string& data_version;
  const google::protobuf::FieldMask& columns;
  std::optional<std::string> partition_id;
  bool follow;
  bool skip_initial_load;
  std::optional<std::chrono::nanoseconds> progress_interval;
  std::int32_t max_changes_per_message;
  std::int64_t max_changes;
  int on_expired;
};

// All violations at once. FEED_TOKEN_INVALID, FEED_TOKEN_VIEW_MISMATCH: the token.
Result<feed::ChangeRequest> CheckChangeRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                               const ChangeRequestFields& fields);

template <typename Request>
Result<feed::ChangeRequest> ReadChangeRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                              const Request& request) {
  std::optional<std::string> partition_id;
  if constexpr (requires { request.has_partition_id(); }) {
    if (request.has_partition_id()) partition_id = request.partition_id();
  }
  std::optional<std::chrono::nanoseconds> interval;
  if (request.has_progress_interval()) {
    // Bounded, so that no duration can overflow, and below any range when the nanoseconds are not a part of a second;
    // the check of the range follows.
    const std::int64_t nanos = request.progress_interval().nanos();
    const bool whole = nanos >= 0 && nanos < 1'000'000'000;
    const std::int64_t seconds = std::clamp<std::int64_t>(request.progress_interval().seconds(), -1, 1'000'000);
    interval = whole ? std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos) : std::chrono::nanoseconds(-1);
  }
  return CheckChangeRequest(entity, tokens,
                            {.data_version = request.data_version(),
                             .columns = request.columns(),
                             .partition_id = std::move(partition_id),
                             .follow = request.follow(),
                             .skip_initial_load = request.skip_initial_load(),
                             .progress_interval = interval,
                             .max_changes_per_message = request.max_changes_per_message(),
                             .max_changes = request.max_changes(),
                             .on_expired = static_cast<int>(request.on_expired())});
}

}  // namespace journeyfeed::entity_service
