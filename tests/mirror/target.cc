#include "tests/mirror/target.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>

#include "tests/integration/database_connection.h"
#include "tests/integration/service.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using cli::Dialect;
using cli::Values;
using cli::testing::CliProcess;
using dictionary::Column;
using dictionary::ColumnType;

std::vector<Values> AskDatabase(const std::string& url, const std::string& sql) {
  const auto database = cli::MakeMirrorDatabase(url, {});
  if (!database) throw std::runtime_error(database.error().message);
  auto rows = (*database)->Begin().has_value() ? (*database)->Execute(sql)
                                               : cli::TargetResult<std::vector<Values>>(std::vector<Values>());
  (*database)->Rollback();
  if (rows) return *std::move(rows);
  const std::string& message = rows.error().failure.message;
  if (!message.contains("no such table") && !message.contains("does not exist")) ADD_FAILURE() << message;
  return {};
}

class SqliteTarget final : public MirrorTarget {
 public:
  std::string url() const override { return "sqlite:" + Path(); }
  Dialect dialect() const override { return Dialect::kSqlite; }

  // While the mirror is within a transaction, nobody else can begin one.
  bool KillInTransaction(CliProcess& mirror) const override {
    sqlite3* database = nullptr;
    sqlite3_open(Path().c_str(), &database);
    const bool busy = Eventually(
        [&] {
          const int code = sqlite3_exec(database, "begin immediate", nullptr, nullptr, nullptr);
          if (code == SQLITE_OK) sqlite3_exec(database, "rollback", nullptr, nullptr, nullptr);
          return code == SQLITE_BUSY;
        },
        std::chrono::seconds(60));
    mirror.Signal(SIGKILL);
    sqlite3_close(database);
    return busy && mirror.Wait() == 128 + SIGKILL;
  }

 private:
  std::string Path() const { return (directory_ / "mirror.db").string(); }

  TempDir directory_;
};

class PostgresTarget final : public MirrorTarget {
 public:
  PostgresTarget() {
    static int count = 0;
    url_ = TheService().postgres.CreateDatabase("target_" + std::to_string(++count));
  }
  std::string url() const override { return "postgres:" + url_; }
  Dialect dialect() const override { return Dialect::kPostgres; }

  // A lock on the table keeps the transaction from its end.
  bool KillInTransaction(CliProcess& mirror) const override {
    DatabaseConnection holder(url_);
    holder.Execute("begin");
    holder.Execute("lock table journey_run_session in share mode");
    const bool waits = Eventually(
        [&] { return Query(url_, "select count(*) from pg_locks where not granted and relation is not null") != "0"; },
        std::chrono::seconds(60));
    mirror.Signal(SIGKILL);
    const bool killed = mirror.Wait() == 128 + SIGKILL;
    holder.Execute("rollback");
    return waits && killed;
  }

 private:
  std::string url_;
};

// The column as the mirror has it, as text.
std::string ColumnSql(const Column& column, const std::string& name) {
  if (column.type == ColumnType::kDateTime) {
    return "to_char(" + name + R"( at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))";
  }
  return column.type == ColumnType::kBoolean ? name + "::integer::text" : name + "::text";
}

std::string Select(const dictionary::Entity& entity, bool of_the_service, Dialect dialect) {
  std::string columns;
  for (const Column& column : entity.columns) {
    if (!column.stored) continue;
    const bool effective = of_the_service && &column == entity.partition_id();
    const std::string name = effective ? "partition_key" : '"' + column.name + '"';
    columns += (columns.empty() ? "" : ", ") + (dialect == Dialect::kSqlite ? name : ColumnSql(column, name));
  }
  return "select " + columns + " from ";
}

std::string Text(const Values& row) {
  std::string text;
  for (const auto& value : row) text += (value ? value->substr(0, 60) : "(null)") + " | ";
  return text;
}

}  // namespace

std::vector<Values> MirrorTarget::Ask(const std::string& sql) const { return AskDatabase(url(), sql); }

int MirrorTarget::Rows(const std::string& table) const {
  const auto rows = Ask("select count(*) from " + table);
  return rows.empty() ? 0 : std::stoi(*rows[0][0]);
}

std::unique_ptr<MirrorTarget> MakeMirrorTarget(Dialect dialect) {
  if (dialect == Dialect::kSqlite) return std::make_unique<SqliteTarget>();
  return std::make_unique<PostgresTarget>();
}

bool AwaitSameVersions(const MirrorTarget& target, const dictionary::Entity& entity, const std::string& database_url) {
  const std::string sums = "select count(*), sum(version_number) from ";
  return Eventually(
      [&] {
        return target.Ask(sums + entity.table) ==
               AskDatabase("postgres:" + database_url, sums + "journeyfeed." + entity.table);
      },
      std::chrono::seconds(60));
}

std::string Difference(const MirrorTarget& target, const std::string& table, const dictionary::Entity& entity,
                       const std::string& database_url, const std::string& where) {
  auto mirrored = target.Ask(Select(entity, false, target.dialect()) + table);
  auto stored = AskDatabase("postgres:" + database_url, Select(entity, true, Dialect::kPostgres) + "journeyfeed." +
                                                            entity.table + " where " + where);
  std::ranges::sort(mirrored);
  std::ranges::sort(stored);
  const auto [left, right] = std::ranges::mismatch(mirrored, stored);
  if (left == mirrored.end() && right == stored.end()) return "";
  return std::to_string(mirrored.size()) + " rows in the mirror, " + std::to_string(stored.size()) + " stored\n" +
         "mirror: " + (left == mirrored.end() ? "-" : Text(*left)) +
         "\nstored: " + (right == stored.end() ? "-" : Text(*right));
}

}  // namespace journeyfeed::testing
