#include "cli/mirror/mirror_database.h"

#include "cli/mirror/postgres_database.h"
#include "cli/mirror/sqlite_database.h"

namespace journeyfeed::cli {

TargetFailure UnusableTarget(std::string message, std::string action) {
  TargetFailure failure;
  failure.failure.exit_code = kFilesExit;
  failure.failure.message = std::move(message);
  failure.failure.action = std::move(action);
  return failure;
}

TargetFailure TargetAway(std::string message) {
  TargetFailure failure = UnusableTarget(std::move(message));
  failure.temporary = true;
  return failure;
}

Outcome<std::unique_ptr<MirrorDatabase>> MakeMirrorDatabase(std::string_view target, std::stop_token stop) {
  constexpr std::string_view kSqlite = "sqlite:", kPostgres = "postgres:";
  if (target.starts_with(kSqlite)) {
    target.remove_prefix(kSqlite.size());
    if (target.empty()) return std::unexpected(UsageFailure("TARGET: sqlite: needs a file"));
    return std::make_unique<SqliteDatabase>(std::string(target));
  }
  const bool url = target.starts_with("postgres://") || target.starts_with("postgresql://");
  if (url || target.starts_with(kPostgres)) {
    if (!url) target.remove_prefix(kPostgres.size());
    if (!PostgresDatabase::IsConnectionString(std::string(target))) {
      return std::unexpected(UsageFailure("TARGET: not a connection string or URL of PostgreSQL"));
    }
    return std::make_unique<PostgresDatabase>(std::string(target), std::move(stop));
  }
  return std::unexpected(UsageFailure("TARGET must be sqlite:FILE or postgres:URL"));
}

}  // namespace journeyfeed::cli
