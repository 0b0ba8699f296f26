#include "services/feed/oldest_token.h"

#include <algorithm>

namespace journeyfeed::feed {

Status WithOldestToken(Status status, const TokenCodec& tokens, const dictionary::Entity& entity, std::uint64_t view) {
  if (status.reason != entity::v1::ERROR_REASON_EXPIRED_VERSION_STAMP) return status;
  const auto at = std::ranges::find(status.metadata, kOldestPosition, &std::pair<std::string, std::string>::first);
  if (at == status.metadata.end()) return status;
  const ChangePosition position{.bytes = at->second};
  status.metadata.erase(at);
  return std::move(status).With("oldest_data_token", tokens.EncodeData(entity, view, position));
}

}  // namespace journeyfeed::feed
