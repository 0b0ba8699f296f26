#include "storage/postgres/sql/sql_template.h"

#include <cassert>
#include <functional>
#include <map>

#include "journeyfeed/entity/v1/message_name.pb.h"
#include "storage/dictionary/mask.h"
#include "storage/dictionary/state.h"
#include "storage/postgres/sql.h"
#include "storage/postgres/sql/state_sql.h"

namespace journeyfeed::postgres {
namespace {

using dictionary::Column;
using dictionary::ColumnType;
using dictionary::Entity;

std::string Literal(const Value& value) {
  if (const auto* v = std::get_if<bool>(&value)) return *v ? "true" : "false";
  if (const auto* v = std::get_if<std::int32_t>(&value)) return std::to_string(*v);
  if (const auto* v = std::get_if<std::int64_t>(&value)) return std::to_string(*v);
  if (const auto* v = std::get_if<std::string>(&value)) return "'" + *v + "'";
  return "null";
}

// What a created row holds where the caller gave no value.
std::string DefaultOf(const Column& column) {
  if (column.type == ColumnType::kOwner) return "k.user_id";
  return column.default_value ? Literal(*column.default_value) : std::string("null");
}

std::string IsSet(const Column& column) { return "k.set & " + std::to_string(column.bit()) + " <> 0"; }

std::string Inserted(const Column& column) {
  return "case when " + IsSet(column) + " then k." + column.name + " else " + DefaultOf(column) + " end";
}

std::string Updated(const Column& column) {
  return "case when " + IsSet(column) + " then k." + column.name + " when k.code = 'C' then " + DefaultOf(column) +
         " else t." + column.name + " end";
}

bool IsOverriddenCreatedOn(const Column& column) {
  return column.role == entity::v1::COLUMN_ROLE_OVERRIDDEN_CREATED_ON;
}

// A column that the server sets: its value in an inserted row, and in an updated row, which may be an expired record
// that a create replaces.
struct SystemColumn {
  std::string name, inserted, updated;
};

SystemColumn Always(std::string name, const std::string& value) { return {std::move(name), value, value}; }

SystemColumn AtCreation(std::string name, const std::string& value) {
  const std::string updated = "case when k.code = 'C' then " + value + " else t." + name + " end";
  return {std::move(name), value, updated};
}

SystemColumn AtChange(const Entity& entity, std::string name, const std::string& value) {
  if (!entity.definition->enforce_state_transitions()) return Always(std::move(name), value);
  const std::string updated =
      "case when k.code = 'U' and " + KeepsWriter(entity) + " then t." + name + " else " + value + " end";
  return {std::move(name), value, updated};
}

// When the present status began. Timers count from it.
SystemColumn StatusSince(const Entity& entity) {
  const Column& status = *dictionary::EnforcedStates(entity).status;
  return {"status_since", "v_now",
          "case when k.code = 'C' or (" + IsSet(status) + " and k." + status.name + " <> t." + status.name +
              ") then v_now else t.status_since end"};
}

std::vector<SystemColumn> SystemColumns(const Entity& entity) {
  const std::string delegate = "case when k.initiating_user_id <> k.user_id then k.initiating_user_id end";
  // The dictionary holds the names of these roles fixed.
  std::vector<SystemColumn> columns = {
      Always("version_number", "k.version"),
      AtCreation("created_on", "coalesce(k.overridden_created_on, v_now)"),
      AtCreation("overridden_created_on", "case when k.overridden_created_on is not null then v_now end"),
      AtChange(entity, "modified_on", "v_now"),
      AtCreation("created_by", "k.user_id"),
      AtCreation("created_on_behalf_by", delegate),
      AtChange(entity, "modified_by", "k.user_id"),
      AtChange(entity, "modified_on_behalf_by", delegate),
  };
  if (entity.elastic) {
    const Column& ttl = entity.With(entity::v1::COLUMN_ROLE_TTL_IN_SECONDS);
    const auto expiry = [](const std::string& seconds) { return "v_now + (" + seconds + ") * interval '1 second'"; };
    const auto hour = [&expiry](const std::string& seconds) {
      return "floor(extract(epoch from " + expiry(seconds) + ") / 3600)";
    };
    columns.push_back({"expires_at", expiry(Inserted(ttl)), expiry(Updated(ttl))});
    columns.push_back({"expiry_hour", hour(Inserted(ttl)), hour(Updated(ttl))});
  }
  if (entity.definition->enforce_state_transitions()) columns.push_back(StatusSince(entity));
  return columns;
}

std::string Join(const std::vector<const Column*>& columns, std::string_view separator,
                 const std::function<std::string(const Column&)>& format) {
  std::string text;
  for (const Column* column : columns) {
    const std::string part = format(*column);
    if (!part.empty()) text.append(separator).append(part);
  }
  return text;
}

std::string InsertColumns(const Entity& entity) {
  std::string text = entity.elastic ? ", partition_id" : "";
  for (const auto& column : SystemColumns(entity)) text += ", " + column.name;
  return text + Join(ValueColumns(entity), ", ",
                     [](const Column& c) { return IsOverriddenCreatedOn(c) ? std::string() : c.name; });
}

std::string InsertValues(const Entity& entity) {
  std::string text = entity.elastic ? ", k.partition_id" : "";
  for (const auto& column : SystemColumns(entity)) text += ", " + column.inserted;
  return text + Join(ValueColumns(entity), ",\n           ",
                     [](const Column& c) { return IsOverriddenCreatedOn(c) ? std::string() : Inserted(c); });
}

std::string UpdateAssignments(const Entity& entity) {
  std::string text;
  for (const auto& [name, inserted, updated] : SystemColumns(entity)) {
    text += (text.empty() ? "" : ",\n           ") + name + " = " + updated;
  }
  return text + Join(ValueColumns(entity), ",\n           ", [](const Column& c) {
           return IsOverriddenCreatedOn(c) ? std::string() : c.name + " = " + Updated(c);
         });
}

// The most bytes of a field in wire form: its number takes at most two, the length of a text five.
constexpr int kTextOverhead = 7, kNumberSize = 12, kTimeSize = 20, kIdSize = 39;
// The most bytes around a record in a message: the other fields of a change, with their lengths.
constexpr int kRecordEnvelope = 80;

// Large texts are read only when they are requested, all other columns always: one statement serves every selection.
std::string ReadColumnList(const Entity& entity) {
  std::string text;
  for (const Column* column : ReadColumns(entity)) {
    if (!text.empty()) text += ", ";
    if (column->type == ColumnType::kMemo) {
      text += "case when p.columns & " + std::to_string(column->bit()) + " <> 0 then t." + column->name + " end as " +
              column->name;
    } else if (column == entity.partition_id()) {
      text += "t.partition_key as partition_id";
    } else {
      text += "t." + column->name;
    }
  }
  return text;
}

template <int message>
std::string Message(const Entity&) {
  return std::to_string(message);
}

std::string KeyMatch(const Entity& entity) {
  return entity.elastic ? "t.partition_key = coalesce(k.partition_id, k.id::text) and t.id = k.id" : "t.id = k.id";
}

std::string LogMatch(const Entity& entity) {
  return entity.elastic ? "t.partition_key = coalesce(e.partition_id, e.record_id::text) and t.id = e.record_id"
                        : "t.id = e.record_id";
}

std::string PageMatch(const Entity& entity) {
  return entity.elastic ? "t.partition_key = coalesce(l.log_partition, l.record_id::text) and t.id = l.record_id"
                        : "t.id = l.record_id";
}

std::string Expired(const Entity& entity) {
  return entity.elastic ? "coalesce(t.expires_at <= v_now, false)" : "false";
}

std::string Live(const Entity& entity) {
  return entity.elastic ? "(t.expires_at is null or t.expires_at > statement_timestamp())" : "true";
}

std::string NullColumns(const Entity& entity) {
  return Join(ReadColumns(entity), ", ", [](const Column& c) { return std::string("null::") + SqlType(c.type); })
      .substr(2);
}

std::string ValueParameters(const Entity& entity) {
  return Join(ValueColumns(entity), ",\n  ",
              [](const Column& c) { return "p_" + c.name + " " + SqlType(c.type) + "[]"; });
}

std::string ValueArguments(const Entity& entity) {
  return Join(ValueColumns(entity), ", ", [](const Column& c) { return "p_" + c.name; });
}

std::string ValueNames(const Entity& entity) {
  return Join(ValueColumns(entity), ", ", [](const Column& c) { return c.name; });
}

// The comment at the head of the fragment is not repeated in every statement.
std::string State(const Entity& entity) {
  const std::string_view text = sql::kQueriesState.text;
  return ExpandSql(entity, text.substr(text.find("\nstate as") + 1));
}

// Every fragment that a .sql file may name; those that judge by status are in state_sql.h.
using FragmentMaker = std::string (*)(const Entity&);
const std::map<std::string_view, FragmentMaker> kFragments = {
    {"table", [](const Entity& entity) { return entity.table; }},
    {"entity", [](const Entity& entity) { return std::to_string(entity.id) + "::smallint"; }},
    {"message_create", Message<entity::v1::MESSAGE_NAME_CREATE>},
    {"message_update", Message<entity::v1::MESSAGE_NAME_UPDATE>},
    {"message_upsert", Message<entity::v1::MESSAGE_NAME_UPSERT>},
    {"message_delete", Message<entity::v1::MESSAGE_NAME_DELETE>},
    {"message_expire", Message<entity::v1::MESSAGE_NAME_EXPIRE>},
    {"upsert_is_event", [](const Entity& entity) { return std::string(entity.elastic ? "true" : "false"); }},
    {"key_match", KeyMatch},    // the record of a row of a batch
    {"log_match", LogMatch},    // the record of a log row
    {"page_match", PageMatch},  // the record of a log row in a page
    {"expired", Expired},       // in the write function
    {"live", Live},             // in a query
    {"size", [](const Entity& entity) { return RecordSize(entity); }},
    {"read_columns", ReadColumnList},
    {"read_names", ReadNames},
    {"null_columns", NullColumns},          // as many nulls as {{read_columns}}
    {"value_parameters", ValueParameters},  // of the write function, with types
    {"value_arguments", ValueArguments},
    {"value_names", ValueNames},
    {"insert_columns", InsertColumns},
    {"insert_values", InsertValues},
    {"update_assignments", UpdateAssignments},
    {"state", State},  // of the log: queries/state.sql
};

std::string Fragment(const Entity& entity, std::string_view name) {
  if (const auto fragment = StateFragment(entity, name)) return *fragment;
  const auto found = kFragments.find(name);
  assert(found != kFragments.end() && "unknown SQL fragment");
  return found == kFragments.end() ? std::string() : found->second(entity);
}

}  // namespace

const char* SqlType(ColumnType type) {
  switch (type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return "uuid";
    case ColumnType::kString:
    case ColumnType::kMemo:
    case ColumnType::kEntityName:
      return "text";
    case ColumnType::kInteger:
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return "integer";
    case ColumnType::kBigInt:
      return "bigint";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kDateTime:
      return "timestamptz";
  }
  return "text";
}

std::string ReadNames(const Entity& entity) {
  return Join(ReadColumns(entity), ", t.", [](const Column& c) { return c.name; }).substr(2);
}

std::string RecordSize(const Entity& entity, std::optional<std::uint64_t> selected) {
  std::string texts, numbers, times, ids;
  for (const Column* column : ReadColumns(entity)) {
    const bool always = dictionary::IsAlwaysReturned(entity, *column);
    if (selected && !always && (*selected & column->bit()) == 0) continue;
    const std::string_view type = SqlType(column->type);
    const std::string name = column == entity.partition_id() ? "t.partition_key" : "t." + column->name;
    if (type != "text") {
      (type == "uuid" ? ids : type == "timestamptz" ? times : numbers) += ", " + name;
      continue;
    }
    const std::string size = "coalesce(octet_length(" + name + ") + " + std::to_string(kTextOverhead) + ", 0)";
    const std::string asked = "p.columns & " + std::to_string(column->bit()) + " <> 0";
    texts += " + " + (selected || always ? size : "case when " + asked + " then " + size + " else 0 end");
  }
  const auto present = [](const std::string& names, int bytes) {
    return names.empty() ? "" : " + " + std::to_string(bytes) + " * num_nonnulls(" + names.substr(2) + ")";
  };
  return "(" + std::to_string(kRecordEnvelope) + texts + present(ids, kIdSize) + present(numbers, kNumberSize) +
         present(times, kTimeSize) + ")";
}

std::vector<const Column*> ValueColumns(const Entity& entity) {
  std::vector<const Column*> columns;
  for (const Column& column : entity.columns) {
    if (column.stored && column.writable() && !dictionary::IsKey(entity, column)) columns.push_back(&column);
  }
  return columns;
}

std::vector<const Column*> ReadColumns(const Entity& entity) {
  std::vector<const Column*> columns;
  for (const Column& column : entity.columns) {
    if (column.stored) columns.push_back(&column);
  }
  return columns;
}

std::string ExpandSql(const Entity& entity, std::string_view text) {
  std::string result;
  while (true) {
    const auto open = text.find("{{");
    result.append(text.substr(0, open));
    if (open == std::string_view::npos) return result;
    const auto close = text.find("}}", open);
    result += Fragment(entity, text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 2);
  }
}

}  // namespace journeyfeed::postgres
