#include "storage/dictionary/entity_reader.h"

#include <algorithm>

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;

static_assert(static_cast<int>(ColumnType::kUniqueIdentifier) == entity::v1::COLUMN_TYPE_UNIQUE_IDENTIFIER - 1);
static_assert(static_cast<int>(ColumnType::kEntityName) == entity::v1::COLUMN_TYPE_ENTITY_NAME - 1);
static_assert(static_cast<int>(RequiredLevel::kSystemRequired) == entity::v1::REQUIRED_LEVEL_SYSTEM_REQUIRED - 1);

std::optional<Value> DefaultValue(const entity::v1::ColumnOptions& options) {
  switch (options.default_value_case()) {
    case entity::v1::ColumnOptions::kDefaultInteger:
      return static_cast<std::int32_t>(options.default_integer());
    case entity::v1::ColumnOptions::kDefaultBoolean:
      return options.default_boolean();
    case entity::v1::ColumnOptions::kDefaultText:
      return options.default_text();
    case entity::v1::ColumnOptions::DEFAULT_VALUE_NOT_SET:
      break;
  }
  return std::nullopt;
}

// Values without the option ("unspecified") are no values of the option set.
std::vector<Option> OptionSet(const proto::EnumDescriptor* type) {
  std::vector<Option> options;
  for (int i = 0; type != nullptr && i < type->value_count(); ++i) {
    const proto::EnumValueDescriptor* value = type->value(i);
    const auto& extension = value->options().GetExtension(entity::v1::value);
    if (!extension.has_option()) continue;
    const auto& definition = extension.option();
    Option option{.value = value->number(), .label = definition.label(), .name = value->name()};
    if (definition.has_state()) option.state = definition.state();
    if (definition.has_default_status()) option.default_status = definition.default_status();
    option.transitions.assign(definition.transitions().begin(), definition.transitions().end());
    for (const int actor : definition.assigned_by()) {
      (actor == entity::v1::ACTOR_CALLER ? option.assigned_by_caller : option.assigned_by_system) = true;
    }
    option.deletable = definition.deletable();
    option.read_only = definition.read_only();
    options.push_back(std::move(option));
  }
  return options;
}

void ReadLimits(const entity::v1::ColumnOptions& options, Column& column) {
  if (options.has_min_value()) column.min_value = options.min_value();
  if (options.has_max_value()) column.max_value = options.max_value();
  if (options.has_max_length()) column.max_length = options.max_length();
  column.default_value = DefaultValue(options);
}

void ReadTargets(const entity::v1::ColumnOptions& options, Column& column) {
  for (const entity::v1::LookupTarget& target : options.targets()) {
    column.targets.push_back(target.logical_name());
    column.target_entity_sets.push_back(target.entity_set_name());
  }
  column.navigation_property = options.navigation_property();
}

Column ReadColumn(const proto::FieldDescriptor* field) {
  const entity::v1::ColumnOptions& options = field->options().GetExtension(entity::v1::column);
  Column column;
  column.field = field;
  column.definition = &options;
  column.number = field->number();
  column.name = field->name();
  column.logical_name = options.logical_name();
  column.schema_name = options.schema_name();
  column.display_name = options.display_name();
  column.description = options.description();
  column.type = static_cast<ColumnType>(options.type() - 1);
  column.required_level = static_cast<RequiredLevel>(options.required_level() - 1);
  column.role = options.role();
  column.valid_for_create = options.valid_for_create();
  column.valid_for_update = options.valid_for_update();
  column.valid_for_read = options.valid_for_read();
  column.stored = !options.not_stored();
  column.options = OptionSet(field->enum_type());
  column.editable_in.assign(options.editable_in().begin(), options.editable_in().end());
  column.editable_until_passed_in.assign(options.editable_until_passed_in().begin(),
                                         options.editable_until_passed_in().end());
  ReadLimits(options, column);
  ReadTargets(options, column);
  return column;
}

}  // namespace

Entity ReadEntity(const proto::Descriptor* descriptor) {
  const entity::v1::TableOptions& options = descriptor->options().GetExtension(entity::v1::table);
  Entity entity;
  entity.descriptor = descriptor;
  entity.definition = &options;
  entity.id = static_cast<std::int16_t>(options.entity_id());
  entity.table = options.sql_table();
  entity.logical_name = options.logical_name();
  entity.schema_name = options.schema_name();
  entity.display_name = options.display_name();
  entity.entity_set_name = options.entity_set_name();
  entity.service = options.service();
  entity.short_name = options.short_name();
  entity.elastic = options.table_type() == entity::v1::TABLE_TYPE_ELASTIC;
  entity.by_role.fill(-1);
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const Column& column = entity.columns.emplace_back(ReadColumn(descriptor->field(i)));
    if (column.role != entity::v1::COLUMN_ROLE_UNSPECIFIED) {
      entity.by_role[static_cast<std::size_t>(column.role)] = static_cast<std::int8_t>(i);
    }
    if (column.logical_name == options.primary_name_attribute()) {
      entity.primary_name_index = static_cast<std::size_t>(i);
    }
  }
  return entity;
}

}  // namespace journeyfeed::dictionary
