#include "services/feed/oldest_token.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace journeyfeed::feed {
namespace {

using Entry = std::pair<std::string, std::string>;

// "incarnation/timeline/seq/nonce"
std::optional<ChangePosition> ParsePosition(std::string_view text) {
  std::array<std::int64_t, 4> numbers{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) {
      if (at == end || *at != '/') return std::nullopt;
      ++at;
    }
    const auto parsed = std::from_chars(at, end, numbers[i]);
    if (parsed.ec != std::errc()) return std::nullopt;
    at = parsed.ptr;
  }
  if (at != end) return std::nullopt;
  return ChangePosition{.incarnation = numbers[0],
                        .timeline = static_cast<std::int32_t>(numbers[1]),
                        .seq = numbers[2],
                        .high_water = numbers[2],
                        .high_water_nonce = numbers[3]};
}

}  // namespace

Status WithOldestToken(Status status, const TokenCodec& tokens, const dictionary::Entity& entity, std::uint64_t view) {
  if (status.reason != entity::v1::ERROR_REASON_EXPIRED_VERSION_STAMP) return status;
  const auto at = std::ranges::find(status.metadata, "oldest_position", &Entry::first);
  if (at == status.metadata.end()) return status;
  const auto position = ParsePosition(at->second);
  status.metadata.erase(at);
  if (!position) return status;
  return std::move(status).With("oldest_data_token", tokens.EncodeData(entity, view, *position));
}

}  // namespace journeyfeed::feed
