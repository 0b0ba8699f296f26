// A mirror in a database of PostgreSQL.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/mirror/mirror_database.h"

struct pg_conn;
struct pg_result;

namespace journeyfeed::cli {

// Temporary failures: the server is away, starts, recovers, is a standby, has no connection left, or a lock is held for
// more than two seconds.
class PostgresDatabase final : public MirrorDatabase {
 public:
  PostgresDatabase(std::string connection, std::stop_token stop)
      : target_(std::move(connection)), stop_(std::move(stop)) {}

  static bool IsConnectionString(const std::string& text);

  Dialect dialect() const override { return Dialect::kPostgres; }
  TargetResult<void> Begin() override;
  TargetResult<void> Commit() override;
  void Rollback() override;
  TargetResult<Rows> Execute(const std::string& sql, const Values& parameters = {}) override;
  // Each parameter of the statement is an array with one element for each row.
  TargetResult<void> ExecuteForAll(const std::string& sql, const Rows& rows) override;

 private:
  struct Free {
    void operator()(pg_conn* connection) const;
    void operator()(pg_result* result) const;
  };
  using Result = std::unique_ptr<pg_result, Free>;

  TargetResult<void> Connect();
  // Why there is no connection; nothing when there is. A server that was never reached, and that answers others,
  // refuses what it is asked for: to wait does not help.
  std::optional<TargetFailure> Attempt();
  // Waits until the answer is complete. False: it takes too long, or a stop ends it.
  bool AwaitAnswer();
  TargetFailure Failed(const pg_result* result) const;
  // The last answer, or the first that is an error.
  TargetResult<Result> TakeAnswer();
  TargetFailure Abandon();

  const std::string target_;
  const std::stop_token stop_;
  std::unique_ptr<pg_conn, Free> connection_;  // null: none
  bool reached_ = false;                       // there was a connection once
};

}  // namespace journeyfeed::cli
