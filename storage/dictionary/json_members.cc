#include "storage/dictionary/json_members.h"

namespace journeyfeed::dictionary {

ReadJsonObject ReadJsonMembers(std::string_view text) {
  using Event = nlohmann::json::parse_event_t;
  JsonMembers members;
  std::string key;
  // Depth 1 is inside of the outermost object. What is taken there is not kept a second time.
  const auto take = [&](int depth, Event event, nlohmann::json& value) {
    if (depth != 1) return true;
    if (event == Event::key) {
      key = value.get<std::string>();
      return true;
    }
    if (event == Event::object_start || event == Event::array_start) return true;
    members.emplace_back(std::move(key), std::move(value));
    return false;
  };
  const nlohmann::json parsed = nlohmann::json::parse(text, take, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return {.is_json = !parsed.is_discarded(), .members = std::nullopt};
  return {.is_json = true, .members = std::move(members)};
}

}  // namespace journeyfeed::dictionary
