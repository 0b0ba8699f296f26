#include "cli/mirror/mirror_sql.h"

#include <algorithm>

namespace journeyfeed::cli {
namespace {

using dictionary::Column;
using dictionary::ColumnType;
using Texts = std::vector<std::string>;

std::string Join(const Texts& texts, const char* between = ", ") {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : between) + text;
  return joined;
}

std::string Quoted(const Column& column) { return '"' + column.name + '"'; }

Texts QuotedNames(const std::vector<const Column*>& columns) {
  Texts names;
  for (const Column* column : columns) names.push_back(Quoted(*column));
  return names;
}

// "$1::uuid[], $2::text[]"
std::string Arrays(const Texts& types) {
  Texts arrays;
  for (const std::string& type : types) arrays.push_back("$" + std::to_string(arrays.size() + 1) + "::" + type + "[]");
  return Join(arrays);
}

std::string Parameters(std::size_t count) {
  Texts parameters;
  for (std::size_t i = 1; i <= count; ++i) parameters.push_back("$" + std::to_string(i));
  return Join(parameters);
}

}  // namespace

const char kCreateMirrors[] =
    "create table if not exists journeyfeed_mirror (table_name text primary key, entity text not null,"
    " all_columns text not null, columns text not null, partition_id text, checkpoint text not null)";
const char kFindMirror[] =
    "select entity, all_columns, columns, partition_id, checkpoint from journeyfeed_mirror where table_name = $1";
const char kAddMirror[] = "insert into journeyfeed_mirror values ($1, $2, $3, $4, $5, $6)";
const char kSetColumns[] = "update journeyfeed_mirror set columns = $1, checkpoint = $2 where table_name = $3";
const char kSetCheckpoint[] =
    "update journeyfeed_mirror set checkpoint = $1 where table_name = $2 and checkpoint = $3 returning table_name";
const char kGetCheckpoint[] = "select checkpoint from journeyfeed_mirror where table_name = $1";

std::string MirrorSql::FindTable() const {
  return dialect_ == Dialect::kSqlite ? "select name from sqlite_master where name = '" + table_.name + "'"
                                      : "select 1 where to_regclass('\"" + table_.name + "\"') is not null";
}

std::string MirrorSql::CreateTable() const {
  Texts parts;
  const auto key = Key();
  for (const Column* column : table_.columns) {
    const bool required = column == &table_.entity->version_number() || std::ranges::find(key, column) != key.end();
    parts.push_back(Quoted(*column) + " " + TypeOf(*column) + (required ? " not null" : ""));
  }
  parts.push_back(std::string(kGenerationColumn) + " bigint not null");
  parts.push_back("primary key (" + Join(QuotedNames(key)) + ")");
  return "create table " + Table() + " (" + Join(parts) + ")";
}

std::string MirrorSql::AddColumn(const Column& column) const {
  return "alter table " + Table() + " add column " + Quoted(column) + " " + TypeOf(column);
}

std::string MirrorSql::Upsert() const {
  Texts names, types, changes;
  for (const Column* column : table_.columns) {
    names.push_back(Quoted(*column));
    types.push_back(TypeOf(*column));
  }
  names.emplace_back(kGenerationColumn);
  types.emplace_back("bigint");
  for (const std::string& name : names) changes.push_back(name + " = excluded." + name);
  const std::string rows = dialect_ == Dialect::kSqlite ? "values (" + Parameters(names.size()) + ")"
                                                        : "select * from unnest(" + Arrays(types) + ")";
  const std::string version = Quoted(table_.entity->version_number());
  return "insert into " + Table() + " as old (" + Join(names) + ") " + rows + " on conflict (" +
         Join(QuotedNames(Key())) + ") do update set " + Join(changes) + " where old." + kGenerationColumn +
         " < excluded." + kGenerationColumn + " or old." + version + " <= excluded." + version;
}

std::string MirrorSql::Delete() const {
  Texts types, conditions;
  Texts names = QuotedNames(Key());
  for (const Column* column : Key()) types.push_back(TypeOf(*column));
  const std::size_t keys = names.size();
  const std::string version = "$" + std::to_string(keys + 1), generation = "$" + std::to_string(keys + 2);
  const std::string condition = "(old." + std::string(kGenerationColumn) + " < " +
                                (dialect_ == Dialect::kSqlite ? generation : "gone.generation") + " or old." +
                                Quoted(table_.entity->version_number()) +
                                " <= " + (dialect_ == Dialect::kSqlite ? version : "gone.version") + ")";
  for (std::size_t i = 0; i < keys; ++i) {
    conditions.push_back("old." + names[i] + " = " +
                         (dialect_ == Dialect::kSqlite ? "$" + std::to_string(i + 1) : "gone." + names[i]));
  }
  conditions.push_back(condition);
  const std::string where = " where " + Join(conditions, " and ");
  if (dialect_ == Dialect::kSqlite) return "delete from " + Table() + " as old" + where;
  types.insert(types.end(), {"bigint", "bigint"});
  names.insert(names.end(), {"version", "generation"});
  return "delete from " + Table() + " as old using unnest(" + Arrays(types) + ") as gone (" + Join(names) + ")" + where;
}

std::string MirrorSql::Sweep() const { return "delete from " + Table() + " where " + kGenerationColumn + " < $1"; }

std::string MirrorSql::TypeOf(const Column& column) const {
  const bool postgres = dialect_ == Dialect::kPostgres;
  switch (column.type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return postgres ? "uuid" : "text";
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
      return postgres ? "boolean" : "integer";
    case ColumnType::kDateTime:
      return postgres ? "timestamptz" : "text";
  }
  return "text";
}

std::vector<const Column*> MirrorSql::Key() const {
  std::vector<const Column*> key{&table_.entity->primary_id()};
  if (table_.entity->elastic) key.push_back(table_.entity->partition_id());
  return key;
}

}  // namespace journeyfeed::cli
