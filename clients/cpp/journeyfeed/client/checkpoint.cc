#include "journeyfeed/client/checkpoint.h"

#include <algorithm>
#include <charconv>

namespace journeyfeed::client {
namespace {

constexpr std::string_view kForm = "1";
constexpr std::string_view kLoad = "load";
constexpr std::string_view kChanges = "changes";

bool IsTokenCharacter(char c) { return c > 0x20 && c < 0x7F; }

// Takes what stands before the next colon, and the colon; nothing if there is none.
std::optional<std::string_view> TakePart(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  return part;
}

std::optional<std::int64_t> ToGeneration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

}  // namespace

std::string Checkpoint::ToText() const {
  std::string text(kForm);
  text += ":" + std::to_string(generation) + ":";
  text += loading ? kLoad : kChanges;
  return text + ":" + token;
}

std::optional<Checkpoint> Checkpoint::FromText(std::string_view text) {
  const auto form = TakePart(text);
  const auto number = TakePart(text);
  const auto stage = TakePart(text);
  if (!stage || *form != kForm || (*stage != kLoad && *stage != kChanges)) return std::nullopt;
  const auto generation = ToGeneration(*number);
  if (!generation || !std::ranges::all_of(text, IsTokenCharacter)) return std::nullopt;
  return Checkpoint{.token = std::string(text), .generation = *generation, .loading = *stage == kLoad};
}

}  // namespace journeyfeed::client
