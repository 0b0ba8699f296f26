// The data dictionary: what the custom options of the entity protos say (proto/journeyfeed/entity/v1/options.proto), in
// a form that code can ask. Built once from the generated descriptors; immutable and therefore thread-safe; lives until
// the process ends. Validation, column names, JSON names, metadata and SQL column lists all come from here and from
// nowhere else.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journeyfeed/entity/v1/options.pb.h"
#include "storage/dictionary/registration.h"
#include "storage/types.h"

namespace journeyfeed::dictionary {

// Field numbers are bits of a 64-bit set.
inline constexpr int kMaxColumnNumber = 63;

// Dataverse's attribute types, as far as the two tables use them.
enum class ColumnType {
  kUniqueIdentifier,
  kString,
  kMemo,
  kInteger,
  kBigInt,
  kBoolean,
  kPicklist,
  kState,
  kStatus,
  kDateTime,
  kLookup,
  kOwner,
  kEntityName,
};

enum class RequiredLevel { kNone, kApplicationRequired, kSystemRequired };

// One value of an option set (Picklist, State, Status).
struct Option {
  std::int32_t value = 0;
  std::string label;
  std::string name;                                 // proto enum value name
  std::optional<std::int32_t> state = {};           // of a status: the state it belongs to
  std::optional<std::int32_t> default_status = {};  // of a state
  std::vector<std::int32_t> transitions = {};       // of a status: the allowed targets, any actor
  bool assigned_by_caller = false;                  // of a status: who may move a record to it
  bool assigned_by_system = false;
  bool deletable = false;  // of a status: callers may delete the record
  bool read_only = false;  // of a status: callers may set no column but state and status
};

struct Column {
  const google::protobuf::FieldDescriptor* field = nullptr;
  int number = 0;            // proto field number, <= 63: the bit in "changed columns"
  std::string name;          // proto field name = SQL column name ("journey_run_id")
  std::string logical_name;  // "msdynmkt_journeyrunid"
  std::string schema_name;
  std::string display_name;
  std::string description;
  ColumnType type = ColumnType::kString;
  RequiredLevel required_level = RequiredLevel::kNone;
  entity::v1::ColumnRole role = entity::v1::COLUMN_ROLE_UNSPECIFIED;
  std::optional<std::int64_t> min_value;
  std::optional<std::int64_t> max_value;
  std::optional<std::int32_t> max_length;  // UTF-16 code units
  std::optional<Value> default_value;      // what Create stores when the column is not given
  bool valid_for_create = false;
  bool valid_for_update = false;
  bool valid_for_read = true;
  bool stored = true;                           // false: declared, always null (its table does not exist here)
  std::vector<std::string> targets;             // of a lookup: logical names of the tables
  std::vector<std::string> target_entity_sets;  // same order: "systemusers"
  std::string navigation_property;              // of a lookup: "msdyncrm_contentsettingsId"; empty when it has none
  std::vector<Option> options;                  // of Picklist, State, Status
  std::vector<std::int32_t> editable_in;        // statuses; empty: all that are not read-only
  std::vector<std::int32_t> editable_until_passed_in;
  // Everything that the proto says, for what is only shown (format, IME mode, ...).
  const entity::v1::ColumnOptions* definition = nullptr;

  bool writable() const { return valid_for_create || valid_for_update; }
  std::uint64_t bit() const { return std::uint64_t{1} << number; }
  // The value of the option set; null when it is not one.
  const Option* FindOption(std::int32_t value) const;
};

// One entity (table).
struct Entity {
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::int16_t id = 0;       // number of the entity in log, locks and tokens; never reused
  std::string table;         // SQL table, "journey_run_session"
  std::string logical_name;  // "msdynmkt_journeyrunsession"
  std::string schema_name;
  std::string display_name;
  std::string entity_set_name;
  std::string service;          // full name of its gRPC service
  std::string short_name;       // "session"; of the command line
  bool elastic = false;         // partitioned by partition_id, with time to live
  std::vector<Column> columns;  // in field order
  // Everything that the proto says, for what is only shown (messages, relations, ...).
  const entity::v1::TableOptions* definition = nullptr;

  // A role that every table has; checked at start.
  const Column& With(entity::v1::ColumnRole role) const { return *FindByRole(role); }
  // Null when the table has no such column.
  const Column* FindByRole(entity::v1::ColumnRole role) const;
  const Column& primary_id() const { return With(entity::v1::COLUMN_ROLE_ID); }
  const Column& primary_name() const { return columns[primary_name_index]; }
  const Column& version_number() const { return With(entity::v1::COLUMN_ROLE_VERSION_NUMBER); }
  // The column that partitions an elastic entity; null for others.
  const Column* partition_id() const { return FindByRole(entity::v1::COLUMN_ROLE_PARTITION_ID); }
  // By proto name or logical name; null when there is none.
  const Column* Find(std::string_view name) const;
  // By any name that callers may use: those of Find, and "_ownerid_value" of the lookup "ownerid".
  const Column* FindByAnyName(std::string_view name) const;
  // The first column of a type, for types that an entity has once (state, status, owner); null when there is none.
  const Column* FindByType(ColumnType type) const;

  std::unique_ptr<google::protobuf::Message> NewRecord() const;

  std::size_t primary_name_index = 0;
  std::array<std::int8_t, entity::v1::ColumnRole_ARRAYSIZE> by_role{};  // index in columns, or -1
};

// Adds an entity to those that registration.cc lists. Precondition: nothing has asked for an entity yet.
void Register(const Registration& entity);

// What is wrong with the registered entities, each with its name; for the start of a process, before it listens. The
// functions below may be used only when there is nothing.
const std::vector<std::string>& DictionaryProblems();

// The entity that a generated message describes. Precondition: it is registered.
const Entity& Describe(const google::protobuf::Descriptor* descriptor);

// All entities, by id.
const std::vector<const Entity*>& AllEntities();

}  // namespace journeyfeed::dictionary
