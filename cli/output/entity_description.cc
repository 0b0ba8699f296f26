#include "cli/output/entity_description.h"

#include <algorithm>
#include <map>
#include <optional>

#include "cli/output/display_text.h"
#include "cli/output/number_text.h"
#include "cli/output/table.h"

namespace journeyfeed::cli {
namespace {

using metadata::v1::AttributeMetadata;
using metadata::v1::EntityMetadata;

// "ApplicationRequired" of REQUIRED_LEVEL_APPLICATION_REQUIRED.
std::string Words(const std::string& constant, std::string_view prefix) {
  std::string words;
  bool capital = true;
  for (const char c : constant.substr(std::min(prefix.size(), constant.size()))) {
    if (c != '_') words += capital ? c : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    capital = c == '_';
  }
  return words;
}

std::string TypeOf(const AttributeMetadata& attribute) {
  const entity::v1::ColumnOptions& column = attribute.column();
  std::string type = Words(entity::v1::ColumnType_Name(column.type()), "COLUMN_TYPE_");
  std::string targets;
  for (const auto& target : column.targets()) targets += (targets.empty() ? " to " : ", ") + target.logical_name();
  return type + targets;
}

std::string RangeOf(const entity::v1::ColumnOptions& column) {
  constexpr std::int64_t kLeast = INT64_MIN, kMost = INT64_MAX;
  if (column.min_value() == kLeast && column.max_value() == kMost) return "";
  return Grouped(column.min_value()) + " to " + Grouped(column.max_value());
}

std::string LimitsOf(const AttributeMetadata& attribute) {
  const entity::v1::ColumnOptions& column = attribute.column();
  if (column.has_max_length()) return "at most " + Grouped(column.max_length());
  if (column.has_min_value() || column.has_max_value()) return RangeOf(column);
  return attribute.options_size() > 0 ? Grouped(attribute.options_size()) + " options" : "";
}

std::string RequiredOf(const entity::v1::ColumnOptions& column) {
  const std::string level = Words(entity::v1::RequiredLevel_Name(column.required_level()), "REQUIRED_LEVEL_");
  return level == "None" ? "" : level;
}

std::string SetByOf(const entity::v1::ColumnOptions& column) {
  if (column.not_stored()) return "always null";
  if (column.valid_for_create() && column.valid_for_update()) return "Create, Update";
  if (column.valid_for_create()) return "Create";
  return column.valid_for_update() ? "Update" : "read-only";
}

std::string DefaultOf(const AttributeMetadata& attribute) {
  const entity::v1::ColumnOptions& column = attribute.column();
  switch (column.default_value_case()) {
    case entity::v1::ColumnOptions::kDefaultInteger:
      for (const auto& option : attribute.options()) {
        if (option.value() == column.default_integer()) return option.option().label();
      }
      return std::to_string(column.default_integer());
    case entity::v1::ColumnOptions::kDefaultBoolean:
      return column.default_boolean() ? "yes" : "no";
    case entity::v1::ColumnOptions::kDefaultText:
      return column.default_text();
    default:
      return "";
  }
}

Table ColumnTable(const EntityMetadata& entity) {
  Table table{.columns = {{.heading = "Name", .whole = true},
                          {.heading = "Logical name", .whole = true},
                          {.heading = "Display name"},
                          {.heading = "Type"},
                          {.heading = "Limits"},
                          {.heading = "Required"},
                          {.heading = "Set by"},
                          {.heading = "Default"}},
              .rows = {}};
  for (const AttributeMetadata& attribute : entity.attributes()) {
    const entity::v1::ColumnOptions& column = attribute.column();
    table.rows.push_back({attribute.name(), column.logical_name(), column.display_name(), TypeOf(attribute),
                          LimitsOf(attribute), RequiredOf(column), SetByOf(column), DefaultOf(attribute)});
  }
  return table;
}

// Labels of the options that have this state.
std::string StateLabel(const EntityMetadata& entity, std::int32_t state) {
  for (const AttributeMetadata& attribute : entity.attributes()) {
    if (attribute.column().type() != entity::v1::COLUMN_TYPE_STATE) continue;
    for (const auto& option : attribute.options()) {
      if (option.value() == state) return option.option().label();
    }
  }
  return std::to_string(state);
}

std::string TransitionsOf(const AttributeMetadata& attribute, const metadata::v1::OptionMetadata& from) {
  std::string labels;
  for (const std::int32_t target : from.option().transitions()) {
    const auto found =
        std::ranges::find_if(attribute.options(), [&](const auto& option) { return option.value() == target; });
    labels += (labels.empty() ? "" : "; ") +
              (found == attribute.options().end() ? std::to_string(target) : found->option().label());
  }
  return labels;
}

Table OptionTable(const EntityMetadata& entity, const AttributeMetadata& attribute) {
  const bool status = attribute.column().type() == entity::v1::COLUMN_TYPE_STATUS;
  Table table{.columns = {{.heading = "Value", .right = true}, {.heading = "Label"}}, .rows = {}};
  if (status) table.columns.insert(table.columns.end(), {{.heading = "State"}, {.heading = "May become"}});
  for (const auto& option : attribute.options()) {
    auto& row = table.rows.emplace_back();
    row = {std::to_string(option.value()), option.option().label()};
    if (!status) continue;
    row.push_back(StateLabel(entity, option.option().state()));
    row.push_back(TransitionsOf(attribute, option));
  }
  return table;
}

Table MessageTable(const EntityMetadata& entity) {
  Table table{.columns = {{.heading = "Message"}, {.heading = "Event"}, {.heading = "Call"}, {.heading = "Web API"}},
              .rows = {}};
  for (const auto& message : entity.table().messages()) {
    table.rows.push_back({message.name(), message.is_event() ? "yes" : "no", message.event_only() ? "no" : "yes",
                          message.web_api_operation()});
  }
  return table;
}

std::string KindOf(const EntityMetadata& entity) {
  return Words(entity::v1::TableType_Name(entity.table().table_type()), "TABLE_TYPE_");
}

std::string Properties(const EntityMetadata& entity) {
  const entity::v1::TableOptions& table = entity.table();
  const std::string owner = Words(entity::v1::OwnershipType_Name(table.ownership_type()), "OWNERSHIP_TYPE_");
  return Escaped(table.display_name() + " (" + table.logical_name() + ")") + "\n" + Escaped(table.description()) +
         "\n" + Escaped(KindOf(entity) + " table, " + owner + ", set " + table.entity_set_name()) + "\n" +
         Escaped("id " + table.primary_id_attribute() + ", name " + table.primary_name_attribute()) + "\n" +
         Escaped("message " + entity.message_type());
}

}  // namespace

std::string EntitiesText(const std::vector<EntityMetadata>& entities, std::size_t width) {
  Table table{.columns = {{.heading = "Entity", .whole = true},
                          {.heading = "Display name"},
                          {.heading = "Kind"},
                          {.heading = "Columns", .right = true},
                          {.heading = "Messages", .right = true},
                          {.heading = "Description"}},
              .rows = {}};
  for (const EntityMetadata& entity : entities) {
    table.rows.push_back({entity.table().logical_name(), entity.table().display_name(), KindOf(entity),
                          std::to_string(entity.attributes_size()), std::to_string(entity.table().messages_size()),
                          entity.table().description()});
  }
  return LayOut(table, width);
}

std::string EntityText(const EntityMetadata& entity, std::size_t width) {
  std::string text = Properties(entity) + "\n\nColumns\n" + LayOut(ColumnTable(entity), width);
  for (const AttributeMetadata& attribute : entity.attributes()) {
    if (attribute.options_size() == 0) continue;
    text += "\n\n" + Escaped(attribute.column().display_name() + " (" + attribute.column().logical_name() + ")") +
            "\n" + LayOut(OptionTable(entity, attribute), width);
  }
  return text + "\n\nMessages\n" + LayOut(MessageTable(entity), width);
}

}  // namespace journeyfeed::cli
