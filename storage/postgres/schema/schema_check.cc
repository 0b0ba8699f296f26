#include "storage/postgres/schema/schema_check.h"

#include <pqxx/pqxx>

#include "storage/postgres/sql.h"
#include "storage/postgres/sql/sql_template.h"

namespace journeyfeed::postgres {
namespace {

constexpr char kSchema[] = "journeyfeed.";

struct ExpectedColumns {
  std::string names, types;  // with commas between

  void Add(std::string_view name, std::string_view type) {
    const char* separator = names.empty() ? "" : ",";
    names.append(separator).append(name);
    types.append(separator).append(type);
  }
};

// Those of the dictionary, and those that only SQL knows.
ExpectedColumns ColumnsOf(const dictionary::Entity& entity) {
  ExpectedColumns columns;
  for (const dictionary::Column* column : ReadColumns(entity)) columns.Add(column->name, SqlType(column->type));
  if (entity.elastic) {
    columns.Add("partition_key", "text");
    columns.Add("expires_at", "timestamptz");
    columns.Add("expiry_hour", "integer");
  }
  if (entity.definition->enforce_state_transitions()) columns.Add("status_since", "timestamptz");
  return columns;
}

bool Exists(pqxx::transaction_base& work, const std::string& relation) {
  return !work.exec_params1("select to_regclass($1)", kSchema + relation)[0].is_null();
}

}  // namespace

std::vector<std::string> SchemaProblems(pqxx::transaction_base& work, const dictionary::Entity& entity) {
  if (!Exists(work, entity.table)) return {"the table " + (kSchema + entity.table) + " is missing"};
  std::vector<std::string> problems;
  for (const char* suffix : {"_log", "_log_seq"}) {
    if (!Exists(work, entity.table + suffix)) problems.push_back((kSchema + entity.table) + suffix + " is missing");
  }
  const ExpectedColumns columns = ColumnsOf(entity);
  for (const auto& row :
       work.exec_params(std::string(sql::kQueriesSchemaColumns.text), entity.table, columns.names, columns.types)) {
    const std::string name = kSchema + entity.table + "." + row[0].as<std::string>();
    problems.push_back(row[2].is_null() ? "the column " + name + " is missing"
                                        : "the column " + name + " is of type " + row[2].as<std::string>() + ", not " +
                                              row[1].as<std::string>());
  }
  return problems;
}

}  // namespace journeyfeed::postgres
