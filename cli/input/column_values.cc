#include "cli/input/column_values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "storage/base/utf8.h"

namespace journeyfeed::cli {
namespace {

using dictionary::Column;
using dictionary::ColumnType;

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// A number if the text is one, else the text, which the reader of the JSON refuses.
nlohmann::json NumberOf(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return text;
  return number;
}

// The number if the text is a label, else as NumberOf.
nlohmann::json OptionOf(const Column& column, const std::string& text) {
  for (const dictionary::Option& option : column.options) {
    if (EqualIgnoringCase(option.label, text)) return option.value;
  }
  return NumberOf(text);
}

std::string Labels(const Column& column) {
  std::string labels;
  for (const dictionary::Option& option : column.options) labels += (labels.empty() ? "" : ", ") + option.label;
  return labels;
}

nlohmann::json ValueOf(const Column& column, const std::string& text) {
  switch (column.type) {
    case ColumnType::kInteger:
    case ColumnType::kBigInt:
      return NumberOf(text);
    case ColumnType::kBoolean:
      return text == "true" || text == "false" ? nlohmann::json(text == "true") : nlohmann::json(text);
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return OptionOf(column, text);
    default:
      return text;
  }
}

// A reference to a record uses the lookup's navigation property.
std::string KeyOf(const Column& column, const std::string& text) {
  const bool reference = !column.navigation_property.empty() && text.find('(') != std::string::npos;
  return reference ? column.navigation_property + "@odata.bind" : column.logical_name;
}

Outcome<void> Add(const dictionary::Entity& entity, const std::string& assignment, nlohmann::json& object) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) return std::unexpected(UsageFailure("--set needs column=value"));
  const std::string name = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const Column* column = entity.FindByAnyName(name);
  if (column == nullptr)
    return std::unexpected(UsageFailure("--set: " + entity.logical_name + " has no column " + name));
  if (!IsValidUtf8(text)) return std::unexpected(UsageFailure("--set " + name + ": the value is not UTF-8"));
  object.erase(column->logical_name);
  object.erase(column->navigation_property + "@odata.bind");
  const nlohmann::json value = ValueOf(*column, text);
  if (!column->options.empty() && value.is_string()) {
    return std::unexpected(UsageFailure("--set " + name + ": must be a number or one of: " + Labels(*column)));
  }
  object[KeyOf(*column, text)] = value;
  return {};
}

}  // namespace

Outcome<std::string> ColumnsToJson(const dictionary::Entity& entity, const std::vector<std::string>& assignments) {
  nlohmann::json object = nlohmann::json::object();
  for (const std::string& assignment : assignments) {
    if (auto added = Add(entity, assignment, object); !added) return std::unexpected(added.error());
  }
  return object.dump();
}

}  // namespace journeyfeed::cli
