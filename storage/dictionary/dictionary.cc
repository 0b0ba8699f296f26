#include "storage/dictionary/dictionary.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;

static_assert(static_cast<int>(ColumnType::kUniqueIdentifier) == entity::v1::COLUMN_TYPE_UNIQUE_IDENTIFIER - 1);
static_assert(static_cast<int>(ColumnType::kEntityName) == entity::v1::COLUMN_TYPE_ENTITY_NAME - 1);
static_assert(static_cast<int>(RequiredLevel::kSystemRequired) == entity::v1::REQUIRED_LEVEL_SYSTEM_REQUIRED - 1);

constexpr std::string_view kPartitionIdName = "partition_id";

// A dictionary that contradicts itself cannot be served: the process ends before it has opened a port.
void Check(bool holds, const std::string& name, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "data dictionary: %s: %s\n", name.c_str(), what);
  std::abort();
}

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
  Check(field->options().HasExtension(entity::v1::column), field->full_name(), "has no column option");
  Check(field->number() <= kMaxColumnNumber, field->full_name(), "has a number above 63");
  const entity::v1::ColumnOptions& options = field->options().GetExtension(entity::v1::column);
  Check(options.type() != entity::v1::COLUMN_TYPE_UNSPECIFIED, field->full_name(), "has no type");
  Check(options.required_level() != entity::v1::REQUIRED_LEVEL_UNSPECIFIED, field->full_name(),
        "has no required level");

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

std::string ColumnName(const Entity& entity, std::string_view logical_name) {
  const Column* column = entity.Find(logical_name);
  Check(column != nullptr, entity.logical_name, "has no column for a primary attribute");
  return column->name;
}

Entity ReadEntity(const proto::Descriptor* descriptor) {
  Check(descriptor->options().HasExtension(entity::v1::table), descriptor->full_name(), "has no table option");
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
  entity.elastic = options.table_type() == entity::v1::TABLE_TYPE_ELASTIC;
  for (int i = 0; i < descriptor->field_count(); ++i) entity.columns.push_back(ReadColumn(descriptor->field(i)));
  entity.primary_id_name = ColumnName(entity, options.primary_id_attribute());
  entity.primary_name_name = ColumnName(entity, options.primary_name_attribute());
  Check(!entity.elastic || entity.partition_id() != nullptr, entity.logical_name, "is elastic without a partition_id");
  return entity;
}

// The registration of the entities.
const std::vector<Entity>& Registered() {
  static const auto* entities = new std::vector<Entity>{
      ReadEntity(journeyrunsession::v1::JourneyRunSession::descriptor()),
      ReadEntity(customerjourney::v1::CustomerJourney::descriptor()),
  };
  return *entities;
}

}  // namespace

const Option* Column::FindOption(std::int32_t value) const {
  const auto found = std::ranges::find(options, value, &Option::value);
  return found == options.end() ? nullptr : &*found;
}

const Column& Entity::primary_id() const { return *Find(primary_id_name); }

const Column& Entity::primary_name() const { return *Find(primary_name_name); }

const Column* Entity::partition_id() const { return elastic ? Find(kPartitionIdName) : nullptr; }

const Column* Entity::Find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      columns, [&](const Column& column) { return column.name == name || column.logical_name == name; });
  return found == columns.end() ? nullptr : &*found;
}

const Column* Entity::FindByAnyName(std::string_view name) const {
  constexpr std::string_view kSuffix = "_value";
  if (const Column* column = Find(name)) return column;
  if (!name.starts_with('_') || !name.ends_with(kSuffix) || name.size() <= 1 + kSuffix.size()) return nullptr;
  const std::string_view inner = name.substr(1, name.size() - 1 - kSuffix.size());
  const Column* column = Find(inner);
  const bool lookup = column && (column->type == ColumnType::kLookup || column->type == ColumnType::kOwner);
  return lookup && column->logical_name == inner ? column : nullptr;
}

const Column* Entity::FindByType(ColumnType type) const {
  const auto found = std::ranges::find(columns, type, &Column::type);
  return found == columns.end() ? nullptr : &*found;
}

const Entity& Describe(const proto::Descriptor* descriptor) {
  const auto found = std::ranges::find(Registered(), descriptor, &Entity::descriptor);
  Check(found != Registered().end(), descriptor->full_name(), "is not a registered entity");
  return *found;
}

const std::vector<const Entity*>& AllEntities() {
  static const auto* all = [] {
    auto* entities = new std::vector<const Entity*>;
    for (const Entity& entity : Registered()) entities->push_back(&entity);
    std::ranges::sort(*entities, {}, &Entity::id);
    return entities;
  }();
  return *all;
}

}  // namespace journeyfeed::dictionary
