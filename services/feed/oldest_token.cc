#include "services/feed/oldest_token.h"

#include <algorithm>

namespace journeyfeed::feed {

Failure WithOldestToken(Failure failure, const TokenCodec& tokens, const dictionary::Entity& entity,
                        std::uint64_t view) {
  if (failure.reason != entity::v1::ERROR_REASON_EXPIRED_VERSION_STAMP) return failure;
  const auto at = std::ranges::find(failure.metadata, kOldestPosition, &std::pair<std::string, std::string>::first);
  if (at == failure.metadata.end()) return failure;
  const ChangePosition position{.bytes = at->second};
  failure.metadata.erase(at);
  return std::move(failure).With("oldest_data_token", tokens.EncodeData(entity, view, position));
}

}  // namespace journeyfeed::feed
