#include "storage/dictionary/entity_check.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::dictionary {
namespace {

namespace pb = entity::v1;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

using Problems = std::vector<std::string>;

template <typename Named>
void Add(Problems& problems, const Named& at, const std::string& what) {
  problems.push_back(at.full_name() + ": " + what);
}

const pb::ColumnOptions& OptionsOf(const FieldDescriptor& field) { return field.options().GetExtension(pb::column); }

// The proto type of a column, as one would write it.
const char* ProtoTypeOf(pb::ColumnType type) {
  switch (type) {
    case pb::COLUMN_TYPE_INTEGER:
      return "int32";
    case pb::COLUMN_TYPE_BIG_INT:
      return "int64";
    case pb::COLUMN_TYPE_BOOLEAN:
      return "bool";
    case pb::COLUMN_TYPE_PICKLIST:
    case pb::COLUMN_TYPE_STATE:
    case pb::COLUMN_TYPE_STATUS:
      return "enum";
    case pb::COLUMN_TYPE_DATE_TIME:
      return "google.protobuf.Timestamp";
    default:
      return "string";
  }
}

std::string ProtoTypeOf(const FieldDescriptor& field) {
  return field.message_type() ? field.message_type()->full_name() : field.type_name();
}

const EnumValueDescriptor* FindOption(const EnumDescriptor& set, std::int32_t value) {
  const EnumValueDescriptor* found = set.FindValueByNumber(value);
  return found && found->options().GetExtension(pb::value).has_option() ? found : nullptr;
}

void CheckDefault(const FieldDescriptor& field, Problems& problems) {
  const pb::ColumnOptions& options = OptionsOf(field);
  switch (options.default_value_case()) {
    case pb::ColumnOptions::kDefaultInteger:
      if (field.enum_type()
              ? FindOption(*field.enum_type(), static_cast<std::int32_t>(options.default_integer())) == nullptr
              : field.type() != FieldDescriptor::TYPE_INT32) {
        Add(problems, field, "default_integer is no value of the column");
      }
      break;
    case pb::ColumnOptions::kDefaultBoolean:
      if (field.type() != FieldDescriptor::TYPE_BOOL) Add(problems, field, "default_boolean is no value of the column");
      break;
    case pb::ColumnOptions::kDefaultText:
      if (field.type() != FieldDescriptor::TYPE_STRING) Add(problems, field, "default_text is no value of the column");
      break;
    case pb::ColumnOptions::DEFAULT_VALUE_NOT_SET:
      break;
  }
}

// A body names a lookup by its navigation property, and its record by an entity set.
void CheckLookup(const FieldDescriptor& field, Problems& problems) {
  const pb::ColumnOptions& options = OptionsOf(field);
  const bool lookup = options.type() == pb::COLUMN_TYPE_LOOKUP || options.type() == pb::COLUMN_TYPE_OWNER;
  if (lookup != (options.targets_size() > 0)) Add(problems, field, lookup ? "has no targets" : "has targets");
  if (lookup != !options.navigation_property().empty())
    Add(problems, field, lookup ? "has no navigation_property" : "has a navigation_property");
  for (const auto& target : options.targets()) {
    if (target.entity_set_name().empty()) Add(problems, field, "has a target without entity_set_name");
  }
}

void CheckColumn(const FieldDescriptor& field, Problems& problems) {
  if (!field.options().HasExtension(pb::column)) return Add(problems, field, "has no column option");
  const pb::ColumnOptions& options = OptionsOf(field);
  if (field.number() > kMaxColumnNumber) Add(problems, field, "has a number above 63");
  if (options.logical_name().empty()) Add(problems, field, "has no logical_name");
  if (options.required_level() == pb::REQUIRED_LEVEL_UNSPECIFIED) Add(problems, field, "has no required_level");
  if (options.type() == pb::COLUMN_TYPE_UNSPECIFIED) return Add(problems, field, "has no type");
  const std::string expected = ProtoTypeOf(options.type());
  if (ProtoTypeOf(field) != expected) {
    Add(problems, field,
        "is of type " + ProtoTypeOf(field) + ", and a " + pb::ColumnType_Name(options.type()) + " is to be of type " +
            expected);
  } else if (field.is_repeated() || !field.has_presence()) {
    Add(problems, field, "is to be optional: null and a value are different");
  } else {
    CheckDefault(field, problems);
  }
  CheckLookup(field, problems);
}

// A role that tables have.
struct RoleRule {
  pb::ColumnRole role;
  pb::ColumnType type;
  bool elastic_only;
  bool needed = true;
  bool name_is_fixed = true;
};

constexpr RoleRule kRoles[] = {
    {pb::COLUMN_ROLE_ID, pb::COLUMN_TYPE_UNIQUE_IDENTIFIER, false},
    {pb::COLUMN_ROLE_PARTITION_ID, pb::COLUMN_TYPE_STRING, true},
    {pb::COLUMN_ROLE_VERSION_NUMBER, pb::COLUMN_TYPE_BIG_INT, false},
    {pb::COLUMN_ROLE_CREATED_ON, pb::COLUMN_TYPE_DATE_TIME, false},
    {pb::COLUMN_ROLE_CREATED_BY, pb::COLUMN_TYPE_LOOKUP, false},
    {pb::COLUMN_ROLE_CREATED_ON_BEHALF_BY, pb::COLUMN_TYPE_LOOKUP, false},
    {pb::COLUMN_ROLE_MODIFIED_ON, pb::COLUMN_TYPE_DATE_TIME, false},
    {pb::COLUMN_ROLE_MODIFIED_BY, pb::COLUMN_TYPE_LOOKUP, false},
    {pb::COLUMN_ROLE_MODIFIED_ON_BEHALF_BY, pb::COLUMN_TYPE_LOOKUP, false},
    {pb::COLUMN_ROLE_OVERRIDDEN_CREATED_ON, pb::COLUMN_TYPE_DATE_TIME, false},
    {pb::COLUMN_ROLE_TTL_IN_SECONDS, pb::COLUMN_TYPE_INTEGER, true},
    {pb::COLUMN_ROLE_TIME_ZONE, pb::COLUMN_TYPE_INTEGER, false, /*needed=*/false, /*name_is_fixed=*/false},
};
static_assert(std::size(kRoles) == pb::ColumnRole_ARRAYSIZE - 1);

// "COLUMN_ROLE_CREATED_ON": "created_on"
std::string FixedName(pb::ColumnRole role) {
  std::string name = pb::ColumnRole_Name(role).substr(std::string_view("COLUMN_ROLE_").size());
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

void CheckRole(const Descriptor& record, const RoleRule& rule, Problems& problems) {
  const std::string name = pb::ColumnRole_Name(rule.role);
  const bool elastic = record.options().GetExtension(pb::table).table_type() == pb::TABLE_TYPE_ELASTIC;
  const FieldDescriptor* found = nullptr;
  for (int i = 0; i < record.field_count(); ++i) {
    const FieldDescriptor& field = *record.field(i);
    if (OptionsOf(field).role() != rule.role) continue;
    if (found) Add(problems, field, "has the role " + name + ", as " + found->name() + " has");
    found = &field;
  }
  if (!found) {
    if (rule.needed && (elastic || !rule.elastic_only)) Add(problems, record, "has no column with the role " + name);
    return;
  }
  if (rule.elastic_only && !elastic) Add(problems, *found, "only elastic tables have the role " + name);
  if (OptionsOf(*found).type() != rule.type) {
    Add(problems, *found, "has the role " + name + " and is to be of the type " + pb::ColumnType_Name(rule.type));
  }
  if (OptionsOf(*found).not_stored()) Add(problems, *found, "has the role " + name + " and is to be stored");
  if (rule.name_is_fixed && found->name() != FixedName(rule.role)) {
    Add(problems, *found, "has the role " + name + " and is to be named " + FixedName(rule.role));
  }
}

const FieldDescriptor* FindByType(const Descriptor& record, pb::ColumnType type) {
  for (int i = 0; i < record.field_count(); ++i) {
    if (OptionsOf(*record.field(i)).type() == type) return record.field(i);
  }
  return nullptr;
}

// States and statuses refer to each other by number.
void CheckStates(const Descriptor& record, Problems& problems) {
  const FieldDescriptor* state = FindByType(record, pb::COLUMN_TYPE_STATE);
  const FieldDescriptor* status = FindByType(record, pb::COLUMN_TYPE_STATUS);
  if ((state == nullptr) != (status == nullptr)) Add(problems, record, "is to have a state and a status, or neither");
  if (!state || !status) {
    if (record.options().GetExtension(pb::table).enforce_state_transitions())
      Add(problems, record, "enforces transitions without a state and a status");
    return;
  }
  if (!state->enum_type() || !status->enum_type()) return;  // reported with the column
  for (int i = 0; i < status->enum_type()->value_count(); ++i) {
    const EnumValueDescriptor& value = *status->enum_type()->value(i);
    const auto& option = value.options().GetExtension(pb::value).option();
    if (!FindOption(*status->enum_type(), value.number())) continue;
    if (!FindOption(*state->enum_type(), option.state())) Add(problems, value, "belongs to no state");
    for (const std::int32_t target : option.transitions()) {
      if (!FindOption(*status->enum_type(), target))
        Add(problems, value, "goes to " + std::to_string(target) + ", which is no status");
    }
  }
  for (int i = 0; i < state->enum_type()->value_count(); ++i) {
    const EnumValueDescriptor& value = *state->enum_type()->value(i);
    const auto& option = value.options().GetExtension(pb::value).option();
    if (FindOption(*state->enum_type(), value.number()) && !FindOption(*status->enum_type(), option.default_status()))
      Add(problems, value, "begins with no status");
  }
}

void CheckZone(const Descriptor& record, Problems& problems) {
  bool zone = false;
  for (int i = 0; i < record.field_count(); ++i)
    zone |= OptionsOf(*record.field(i)).role() == pb::COLUMN_ROLE_TIME_ZONE;
  for (int i = 0; i < record.field_count() && !zone; ++i) {
    if (OptionsOf(*record.field(i)).editable_until_passed_in_size() > 0)
      Add(problems, *record.field(i),
          "is editable until its time has passed, and no column has the role COLUMN_ROLE_TIME_ZONE");
  }
}

bool HasColumn(const Descriptor& record, const std::string& logical_name, pb::ColumnRole role) {
  for (int i = 0; i < record.field_count(); ++i) {
    const pb::ColumnOptions& options = OptionsOf(*record.field(i));
    if (options.logical_name() == logical_name) return role == pb::COLUMN_ROLE_UNSPECIFIED || options.role() == role;
  }
  return false;
}

void CheckTable(const Descriptor& record, const google::protobuf::FileDescriptor& service, Problems& problems) {
  if (!record.options().HasExtension(pb::table)) return Add(problems, record, "has no table option");
  const pb::TableOptions& table = record.options().GetExtension(pb::table);
  if (table.entity_id() < 1 || table.entity_id() > std::numeric_limits<std::int16_t>::max())
    Add(problems, record, "entity_id is to be from 1 to 32767");
  if (table.table_type() == pb::TABLE_TYPE_UNSPECIFIED) Add(problems, record, "has no table_type");
  for (const auto& [name, value] : {std::pair{"sql_table", &table.sql_table()},
                                    {"logical_name", &table.logical_name()},
                                    {"entity_set_name", &table.entity_set_name()},
                                    {"short_name", &table.short_name()},
                                    {"service", &table.service()}}) {
    if (value->empty()) Add(problems, record, std::string("has no ") + name);
  }
  if (!HasColumn(record, table.primary_id_attribute(), pb::COLUMN_ROLE_ID))
    Add(problems, record, "primary_id_attribute is to be the logical name of the column with the role COLUMN_ROLE_ID");
  if (!HasColumn(record, table.primary_name_attribute(), pb::COLUMN_ROLE_UNSPECIFIED))
    Add(problems, record, "primary_name_attribute is the logical name of no column");
  bool declared = false;
  for (int i = 0; i < service.service_count(); ++i) declared |= service.service(i)->full_name() == table.service();
  if (!table.service().empty() && !declared) {
    Add(problems, record, "the service " + table.service() + " is not declared in " + service.name());
  }
  for (int i = 0; i < record.field_count(); ++i) CheckColumn(*record.field(i), problems);
  for (const RoleRule& rule : kRoles) CheckRole(record, rule, problems);
  CheckStates(record, problems);
  CheckZone(record, problems);
}

// What identifies an entity may be used once.
void CheckShared(const std::vector<Registration>& entities, Problems& problems) {
  std::set<std::string> taken;
  for (const auto& [record, service] : entities) {
    const pb::TableOptions& table = record->options().GetExtension(pb::table);
    for (const std::string& name :
         {"entity_id " + std::to_string(table.entity_id()), "sql_table " + table.sql_table(),
          "logical_name " + table.logical_name(), "entity_set_name " + table.entity_set_name(),
          "service " + table.service(), "short_name " + table.short_name()}) {
      if (!taken.insert(name).second) Add(problems, *record, "another entity has the " + name);
    }
  }
}

}  // namespace

std::vector<std::string> FindProblems(const std::vector<Registration>& entities) {
  Problems problems;
  for (const auto& [record, service] : entities) CheckTable(*record, *service, problems);
  CheckShared(entities, problems);
  return problems;
}

}  // namespace journeyfeed::dictionary
