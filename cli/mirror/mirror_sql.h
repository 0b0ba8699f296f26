// The statements of a mirror. Both databases understand the same, but for the types and for how many rows are given at
// once.
#pragma once

#include <string>
#include <vector>

#include "cli/mirror/mirror_table.h"

namespace journeyfeed::cli {

enum class Dialect { kSqlite, kPostgres };

// Makes and reads the table that says what each table of the target mirrors: table_name, entity, all_columns ("1" or
// "0"), columns (JoinNames), partition_id, checkpoint.
extern const char kCreateMirrors[];
extern const char kFindMirror[];     // $1 table name
extern const char kAddMirror[];      // in the order of the columns
extern const char kSetColumns[];     // $1 columns, $2 checkpoint, $3 table name
extern const char kSetCheckpoint[];  // $1 checkpoint, $2 table name, $3 the former checkpoint; returns a row if it was
extern const char kGetCheckpoint[];  // $1 table name

// The parameters of Upsert and Delete are given for many rows: one array for each parameter in PostgreSQL, one
// execution for each row in SQLite.
class MirrorSql {
 public:
  MirrorSql(Dialect dialect, const MirrorTable& table) : dialect_(dialect), table_(table) {}

  std::string FindTable() const;  // a row if there is a table of this name
  std::string CreateTable() const;
  std::string AddColumn(const dictionary::Column& column) const;
  // The columns, the generation. Overwrites a row of an older generation, or of a version that is not newer.
  std::string Upsert() const;
  // The key, version and generation: under the same condition.
  std::string Delete() const;
  std::string Sweep() const;  // $1 generation: removes the rows of older ones

 private:
  std::string TypeOf(const dictionary::Column& column) const;
  std::vector<const dictionary::Column*> Key() const;
  std::string Table() const { return '"' + table_.name + '"'; }

  const Dialect dialect_;
  const MirrorTable& table_;
};

}  // namespace journeyfeed::cli
