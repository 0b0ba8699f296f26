#include "cli/mirror/sqlite_database.h"

#include <sqlite3.h>

namespace journeyfeed::cli {
namespace {

constexpr int kBusyMilliseconds = 2'000;

}  // namespace

void SqliteDatabase::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteDatabase::~SqliteDatabase() { sqlite3_close(database_); }

TargetResult<void> SqliteDatabase::Open() {
  if (database_ != nullptr) return {};
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path_.c_str(), &database_, flags, nullptr) == SQLITE_OK) {
    sqlite3_extended_result_codes(database_, 0);
    sqlite3_busy_timeout(database_, kBusyMilliseconds);
    auto set = Execute("pragma journal_mode = wal");
    if (set) set = Execute("pragma synchronous = full");
    if (set) return {};
    TargetFailure failure = std::move(set.error());
    sqlite3_close(std::exchange(database_, nullptr));
    return std::unexpected(std::move(failure));
  }
  TargetFailure failure = Failed();
  sqlite3_close(std::exchange(database_, nullptr));
  return std::unexpected(std::move(failure));
}

TargetResult<void> SqliteDatabase::Begin() {
  if (auto opened = Open(); !opened) return opened;
  auto begun = Execute("begin immediate");
  return begun ? TargetResult<void>() : std::unexpected(std::move(begun.error()));
}

TargetResult<void> SqliteDatabase::Commit() {
  auto committed = Execute("commit");
  return committed ? TargetResult<void>() : std::unexpected(std::move(committed.error()));
}

void SqliteDatabase::Rollback() {
  // Some failures have rolled it back already.
  if (database_ != nullptr && sqlite3_get_autocommit(database_) == 0) (void)Execute("rollback");
}

TargetResult<SqliteDatabase::Rows> SqliteDatabase::Execute(const std::string& sql, const Values& parameters) {
  auto statement = Prepare(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  if (auto bound = Bind(statement->get(), parameters); !bound) return std::unexpected(std::move(bound.error()));
  return Step(statement->get());
}

TargetResult<void> SqliteDatabase::ExecuteForAll(const std::string& sql, const Rows& rows) {
  auto statement = Prepare(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  for (const Values& row : rows) {
    if (auto bound = Bind(statement->get(), row); !bound) return bound;
    if (auto done = Step(statement->get()); !done) return std::unexpected(std::move(done.error()));
    sqlite3_reset(statement->get());
  }
  return {};
}

TargetResult<SqliteDatabase::Statement> SqliteDatabase::Prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int size = static_cast<int>(sql.size());
  if (sqlite3_prepare_v2(database_, sql.data(), size, &statement, nullptr) != SQLITE_OK) {
    return std::unexpected(Failed());
  }
  return Statement(statement);
}

TargetResult<void> SqliteDatabase::Bind(sqlite3_stmt* statement, const Values& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int place = sqlite3_bind_parameter_index(statement, ("$" + std::to_string(i + 1)).c_str());
    const auto& value = parameters[i];
    const int code =
        value ? sqlite3_bind_text64(statement, place, value->data(), value->size(), SQLITE_STATIC, SQLITE_UTF8)
              : sqlite3_bind_null(statement, place);
    if (code != SQLITE_OK) return std::unexpected(Failed());
  }
  return {};
}

TargetResult<SqliteDatabase::Rows> SqliteDatabase::Step(sqlite3_stmt* statement) {
  Rows rows;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    Values& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row.push_back(text ? std::optional(std::string(text)) : std::nullopt);
    }
  }
  if (code != SQLITE_DONE) return std::unexpected(Failed());
  return rows;
}

TargetFailure SqliteDatabase::Failed() const {
  const int code = database_ ? sqlite3_errcode(database_) : SQLITE_NOMEM;
  const std::string message = "cannot use " + path_ + ": " + (database_ ? sqlite3_errmsg(database_) : "no memory");
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return TargetAway(message);
  return UnusableTarget(
      message, code == SQLITE_FULL ? "make room, then run the same command: it goes on where the file is" : "");
}

}  // namespace journeyfeed::cli
