// The payload of a commit notification: "entity incarnation timeline seq nonce second code". The code is an HMAC of
// everything before it with the newest token key. Versions from before the code read the first five numbers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/feed/position.h"

namespace journeyfeed::postgres {

using TokenKeys = std::vector<std::pair<std::uint8_t, std::string>>;
using NotificationKeys = std::function<TokenKeys()>;

struct CommitNews {
  const dictionary::Entity* entity;
  LogPoint point;
};

std::string CommitPayload(std::int16_t entity, const LogPoint& point, const TokenKeys& keys,
                          std::chrono::system_clock::time_point now);

// Returns nothing if no key verifies the code, or if the time differs from `now` by more than a minute.
std::optional<CommitNews> ParseCommitPayload(const std::string& payload, const TokenKeys& keys,
                                             std::chrono::system_clock::time_point now);

}  // namespace journeyfeed::postgres
