// A mirror in a file of SQLite.
#pragma once

#include <memory>
#include <string>

#include "cli/mirror/mirror_database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace journeyfeed::cli {

// Keeps the file in WAL mode, so that readers and the mirror do not wait for each other, and syncs at every commit. A
// file that another process writes for more than two seconds is busy: a temporary failure.
class SqliteDatabase final : public MirrorDatabase {
 public:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}
  ~SqliteDatabase() override;

  Dialect dialect() const override { return Dialect::kSqlite; }
  TargetResult<void> Begin() override;
  TargetResult<void> Commit() override;
  void Rollback() override;
  TargetResult<Rows> Execute(const std::string& sql, const Values& parameters = {}) override;
  TargetResult<void> ExecuteForAll(const std::string& sql, const Rows& rows) override;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  TargetResult<void> Open();
  TargetResult<Statement> Prepare(const std::string& sql);
  // Binds by number: the parameters are named $1, $2, ...
  TargetResult<void> Bind(sqlite3_stmt* statement, const Values& parameters);
  TargetResult<Rows> Step(sqlite3_stmt* statement);
  TargetFailure Failed() const;

  const std::string path_;
  sqlite3* database_ = nullptr;
};

}  // namespace journeyfeed::cli
