#include "storage/postgres/sql/statements.h"

#include <array>
#include <map>

#include "storage/postgres/sql.h"
#include "storage/postgres/sql/sql_template.h"

namespace journeyfeed::postgres {
namespace {

// Where the record begins in the rows of the page statements.
constexpr int kAfterChange = 9;
constexpr int kAfterTuple = 2;
constexpr int kAfterState = 1;

Statement Make(const dictionary::Entity& entity, const sql::File& file) {
  return {std::string(file.name) + "." + std::to_string(entity.id), ExpandSql(entity, file.text)};
}

// The parameters of the write function before those of the columns; each is an array.
constexpr std::array kFixedParameters = {"smallint", "uuid",    "text",     "bigint",  "bigint", "boolean",
                                         "boolean",  "integer", "boolean",  "uuid",    "uuid",   "uuid",
                                         "smallint", "uuid",    "smallint", "integer", "bigint"};

Statement MakeWrite(const dictionary::Entity& entity) {
  const std::size_t count = kFixedParameters.size() + ValueColumns(entity).size();
  std::string text = "select * from journeyfeed.write_" + entity.table + "(";
  for (std::size_t i = 1; i <= count; ++i) text += (i == 1 ? "$" : ", $") + std::to_string(i);
  return {"write." + std::to_string(entity.id), text + ")"};
}

EntityStatements MakeAll(const dictionary::Entity& entity) {
  return {
      .write = MakeWrite(entity),
      .outcomes = Make(entity, sql::kQueriesOutcomes),
      .retrieve = Make(entity, sql::kQueriesRetrieve),
      .log_state = Make(entity, sql::kQueriesLogState),
      .history_state = Make(entity, sql::kQueriesHistoryState),
      .changes_page = Make(entity, sql::kQueriesChangesPage),
      .position_at = Make(entity, sql::kQueriesPositionAt),
      .change_window = Make(entity, sql::kQueriesChangeWindow),
      .load_page = Make(entity, sql::kQueriesLoadPage),
      .partition_page = entity.elastic ? Make(entity, sql::kQueriesPartitionPage) : Statement{},
      .expiry_state = entity.elastic ? Make(entity, sql::kQueriesExpiryState) : Statement{},
      .expiry_past = entity.elastic ? Make(entity, sql::kQueriesExpiryPast) : Statement{},
      .expiry_soon = entity.elastic ? Make(entity, sql::kQueriesExpirySoon) : Statement{},
      .expiry_written = entity.elastic ? Make(entity, sql::kQueriesExpiryWritten) : Statement{},
      .retrieved = RecordEncoder(entity, 1),
      .changed = RecordEncoder(entity, kAfterChange),
      .loaded = RecordEncoder(entity, kAfterTuple),
      .loaded_by_key = RecordEncoder(entity, kAfterState),
      .queried = RecordEncoder(entity, 0),
  };
}

}  // namespace

const EntityStatements& StatementsOf(const dictionary::Entity& entity) {
  static const std::map<std::int16_t, EntityStatements> statements = [] {
    std::map<std::int16_t, EntityStatements> all;
    for (const dictionary::Entity* each : dictionary::AllEntities()) all.emplace(each->id, MakeAll(*each));
    return all;
  }();
  return statements.at(entity.id);
}

std::string WriteFunctionDdl(const dictionary::Entity& entity) { return ExpandSql(entity, sql::kFunctionsWrite.text); }

std::string WriteFunctionSignature(const dictionary::Entity& entity) {
  std::string types;
  for (const char* type : kFixedParameters) types += (types.empty() ? "" : ", ") + std::string(type) + "[]";
  for (const dictionary::Column* column : ValueColumns(entity))
    types += ", " + std::string(SqlType(column->type)) + "[]";
  return "journeyfeed.write_" + entity.table + "(" + types + ")";
}

}  // namespace journeyfeed::postgres
