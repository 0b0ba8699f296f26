#include "storage/dictionary/dataverse_value.h"

#include <algorithm>
#include <utility>

#include "storage/dictionary/iso_time.h"

namespace journeyfeed::dictionary {
namespace {

using entity::v1::ERROR_REASON_INTEGER_VALUE_OUT_OF_RANGE;
using entity::v1::ERROR_REASON_INVALID_ARGUMENT;
using entity::v1::ERROR_REASON_INVALID_DATE_TIME;

bool HasSet(const entity::v1::LookupTarget& target, std::string_view set) {
  const auto& others = target.other_entity_set_names();
  return target.entity_set_name() == set || std::ranges::find(others, set) != others.end();
}

using Reading = std::expected<Value, Problem>;

Reading ReadText(const nlohmann::json& json) {
  if (!json.is_string()) return std::unexpected(Problem{ERROR_REASON_INVALID_ARGUMENT, "must be a string or null"});
  return json.get_ref<const std::string&>();
}

Reading ReadId(const nlohmann::json& json) {
  const std::optional<Uuid> id = json.is_string() ? Uuid::Parse(json.get_ref<const std::string&>()) : std::nullopt;
  if (!id) return std::unexpected(Problem{ERROR_REASON_INVALID_ARGUMENT, "must be a UUID or null"});
  return *id;
}

Reading ReadTime(const nlohmann::json& json) {
  const auto time = json.is_string() ? ParseIsoTime(json.get_ref<const std::string&>()) : std::nullopt;
  if (!time) {
    return std::unexpected(
        Problem{ERROR_REASON_INVALID_DATE_TIME, "must be a time such as \"2019-03-09T11:29:00Z\", or null"});
  }
  return *time;
}

template <typename Integer>
Reading ReadInteger(const nlohmann::json& json) {
  if (!json.is_number_integer()) {
    return std::unexpected(Problem{ERROR_REASON_INVALID_ARGUMENT, "must be a whole number or null"});
  }
  const bool fits = json.is_number_unsigned() ? std::in_range<Integer>(json.get<std::uint64_t>())
                                              : std::in_range<Integer>(json.get<std::int64_t>());
  if (!fits) {
    return std::unexpected(Problem{ERROR_REASON_INTEGER_VALUE_OUT_OF_RANGE,
                                   "must fit into " + std::to_string(8 * sizeof(Integer)) + " bits"});
  }
  return json.get<Integer>();
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

std::optional<Reference> ParseReference(const Column& column, std::string_view text) {
  const std::size_t open = text.find_last_of('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
  const std::optional<Uuid> id = Uuid::Parse(text.substr(open + 1, text.size() - open - 2));
  std::string_view set = text.substr(0, open);
  if (const std::size_t slash = set.find_last_of('/'); slash != std::string_view::npos) set.remove_prefix(slash + 1);
  const std::string lower_set = LowerCase(set);
  for (const entity::v1::LookupTarget& target : column.definition->targets()) {
    if (id && HasSet(target, lower_set)) return Reference{&target, *id};
  }
  return std::nullopt;
}

std::expected<Value, Problem> ReadDataverseValue(const Column& column, const nlohmann::json& json) {
  if (json.is_null()) return Value();
  switch (column.type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return ReadId(json);
    case ColumnType::kString:
    case ColumnType::kMemo:
    case ColumnType::kEntityName:
      return ReadText(json);
    case ColumnType::kInteger:
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return ReadInteger<std::int32_t>(json);
    case ColumnType::kBigInt:
      return ReadInteger<std::int64_t>(json);
    case ColumnType::kDateTime:
      return ReadTime(json);
    case ColumnType::kBoolean:
      break;
  }
  if (!json.is_boolean()) return std::unexpected(Problem{ERROR_REASON_INVALID_ARGUMENT, "must be true, false or null"});
  return json.get<bool>();
}

}  // namespace journeyfeed::dictionary
