// The database that holds a mirror: SQLite or PostgreSQL.
#pragma once

#include <expected>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cli/mirror/mirror_sql.h"

namespace journeyfeed::cli {

struct TargetFailure {
  CommandFailure failure;
  bool temporary = false;  // the same may succeed later: the target is away or busy
};

template <typename T>
using TargetResult = std::expected<T, TargetFailure>;

// A target that cannot be used, with the exit code of files.
TargetFailure UnusableTarget(std::string message, std::string action = {});
TargetFailure TargetAway(std::string message);

// One thread. After a failure nothing but Rollback and Begin.
class MirrorDatabase {
 public:
  using Rows = std::vector<Values>;

  virtual ~MirrorDatabase() = default;

  virtual Dialect dialect() const = 0;
  // Connects if there is no connection.
  virtual TargetResult<void> Begin() = 0;
  // After it returns, the transaction is as durable as the target's settings say. After a failure it may be.
  virtual TargetResult<void> Commit() = 0;
  virtual void Rollback() = 0;
  virtual TargetResult<Rows> Execute(const std::string& sql, const Values& parameters = {}) = 0;
  // A statement of MirrorSql that takes many rows, which have values alike.
  virtual TargetResult<void> ExecuteForAll(const std::string& sql, const Rows& rows) = 0;
};

// `target`: "sqlite:FILE", "postgres:CONNECTION" or a URL of PostgreSQL. Nothing is opened. A stop interrupts what
// takes longer than two seconds. Fails with a usage failure, which repeats nothing of the target: it may have a
// password.
Outcome<std::unique_ptr<MirrorDatabase>> MakeMirrorDatabase(std::string_view target, std::stop_token stop);

}  // namespace journeyfeed::cli
