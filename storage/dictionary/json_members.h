// The members of a JSON object as they are written: in their order, and each of those that have the same key. A parsed
// object keeps only the last of them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace journeyfeed::dictionary {

using JsonMembers = std::vector<std::pair<std::string, nlohmann::json>>;

// Nothing when the text is not JSON, or not an object (`is_json`).
struct ReadJsonObject {
  bool is_json = false;
  std::optional<JsonMembers> members;
};
ReadJsonObject ReadJsonMembers(std::string_view text);

}  // namespace journeyfeed::dictionary
