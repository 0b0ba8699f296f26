#include "storage/postgres/schema/migrator.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <pqxx/pqxx>
#include <set>

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/connection/owner_connection.h"
#include "storage/postgres/schema/schema_check.h"
#include "storage/postgres/sql.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;

// "migrations/0009_fold": 9. Versions rise and may have gaps, because branches take them before they land.
constexpr int VersionOf(const sql::File& file) {
  const std::size_t at = file.name.find('/') + 1;  // 0 without a folder
  int version = 0;
  for (const char digit : file.name.substr(at, file.name.find('_') - at)) version = version * 10 + (digit - '0');
  return version;
}

constexpr int kSchemaVersion = VersionOf(sql::kMigrations.back());
constexpr const char* kServiceRole = "journeyfeed_service";

struct Refused {
  Failure failure;
};

// Runs `body` in one transaction, under a lock that every migrating server takes first.
void InTransaction(pqxx::connection& connection, const std::function<void(pqxx::work&)>& body) {
  pqxx::work work(connection);
  work.exec("set local lock_timeout = '10s'");
  work.exec("select pg_advisory_xact_lock(hashtext('journeyfeed.migration'), 0)");
  body(work);
  work.commit();
}

// Refuses a database that the schema cannot work on: encoding, server version, collation, cached sequences.
void CheckServer(pqxx::work& work) {
  const auto row = work.exec1("select current_setting('server_encoding'), current_setting('server_version_num')::int");
  if (row[0].as<std::string>() != "UTF8") {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED, .message = "the database's encoding is not UTF8"}};
  }
  if (row[1].as<int>() < 150000) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED, .message = "PostgreSQL 15 or newer is needed"}};
  }
  // Text is compared without case by this collation, whatever the database's own locale is (migration 0009).
  if (work.exec("select from pg_collation where collname = 'und-x-icu' and collnamespace = 'pg_catalog'::regnamespace"
                " and collprovider = 'i' and collencoding in (-1, pg_char_to_encoding('UTF8'))")
          .empty()) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                   .message = "the database has no collation und-x-icu: a PostgreSQL with ICU is needed"
                              " (and, as superuser: select pg_import_system_collations('pg_catalog'))"}};
  }
  // A connection would use its cached numbers after higher ones were committed: changes would be lost.
  if (!work.exec("select from pg_sequences where schemaname = 'journeyfeed' and cache_size <> 1").empty()) {
    throw Refused{
        {.reason = pb::ERROR_REASON_NOT_SUPPORTED, .message = "the sequences of schema journeyfeed must be CACHE 1"}};
  }
}

// Returns the applied versions. Returns nothing if this server does not know one of them and this is not its first
// start: the newer version that applied it keeps this one working.
std::optional<std::set<int>> Applied(pqxx::work& work, const std::vector<sql::File>& known, bool first) {
  work.exec("create schema if not exists journeyfeed");
  work.exec(
      "create table if not exists journeyfeed.schema_migration (version integer primary key, name text not null,"
      " checksum text not null, applied_at timestamptz not null default clock_timestamp())");
  std::set<int> versions;
  for (const auto& row : work.exec("select version, checksum from journeyfeed.schema_migration order by version")) {
    const int version = row[0].as<int>();
    const auto file = std::ranges::find(known, version, VersionOf);
    if (file == known.end()) {
      if (!first) return std::nullopt;
      throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                     .message = "the database's schema is newer than this server: version " + std::to_string(version)}};
    }
    const auto checksum = work.exec_params1("select md5($1)", std::string(file->text))[0].as<std::string>();
    if (checksum != row[1].as<std::string>()) {
      throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                     .message = "migration " + std::string(file->name) + " was applied with another text"}};
    }
    versions.insert(version);
  }
  return versions;
}

// Returns whether the schema was behind.
bool ApplyMigrations(pqxx::connection& connection, bool first, const std::vector<Migration>& more) {
  bool behind = false;
  std::vector<sql::File> migrations(sql::kMigrations.begin(), sql::kMigrations.end());
  for (const Migration& migration : more) migrations.push_back({migration.name, migration.text});
  InTransaction(connection, [&](pqxx::work& work) {
    CheckServer(work);
    const std::optional<std::set<int>> applied = Applied(work, migrations, first);
    if (!applied) return;
    for (const sql::File& file : migrations) {
      const int version = VersionOf(file);
      if (applied->contains(version)) continue;
      behind = true;
      work.exec(std::string(file.text));
      work.exec_params("insert into journeyfeed.schema_migration (version, name, checksum) values ($1, $2, md5($3))",
                       version, std::string(file.name), std::string(file.text));
      spdlog::info("applied migration {}", file.name);
    }
  });
  return behind;
}

// What is served later would fail on the first call, or end the process.
void CheckSchema(pqxx::connection& connection) {
  std::string problems;
  InTransaction(connection, [&](pqxx::work& work) {
    for (const dictionary::Entity* entity : dictionary::AllEntities()) {
      for (const std::string& problem : SchemaProblems(work, *entity))
        problems += (problems.empty() ? "" : "; ") + problem;
    }
  });
  if (!problems.empty()) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                   .message = "the database does not have what the data dictionary declares: " + problems}};
  }
}

struct InstalledFunction {
  int version = 0;
  std::string digest;
};

// The comment of a write function is "version 7 md5 …". Older ones have a bare digest and count as version 0.
std::optional<InstalledFunction> FindFunction(pqxx::work& work, const std::string& signature) {
  const auto found = work.exec_params(
      "select coalesce(substring(c from '^version (\\d{1,9}) md5 ')::integer, 0), coalesce(right(c, 32), '')"
      "  from (select to_regprocedure($1) as oid) f, obj_description(f.oid, 'pg_proc') as c where f.oid is not null",
      signature);
  if (found.empty()) return std::nullopt;
  return InstalledFunction{found[0][0].as<int>(), found[0][1].as<std::string>()};
}

// Whether this server's text replaces the installed one. A newer version always stays: its servers rely on it. Texts of
// one version differ only between builds of developers: the last one started wins.
bool Replaces(const std::optional<InstalledFunction>& installed, const std::string& digest, const std::string& table) {
  if (!installed || installed->version < kWriteFunctionVersion) return true;
  if (installed->version > kWriteFunctionVersion) {
    spdlog::info("the write function of {} has version {}, newer than this server's {}: kept", table,
                 installed->version, kWriteFunctionVersion);
    return false;
  }
  if (installed->digest == digest) return false;
  spdlog::warn("the write function of {} has another text of the same version {}: replaced", table,
               kWriteFunctionVersion);
  return true;
}

// Makes the write functions that are missing or older. Parameters of other types make another function: the one that an
// earlier version calls stays beside this one.
void RefreshFunctions(pqxx::connection& connection) {
  InTransaction(connection, [](pqxx::work& work) {
    for (const dictionary::Entity* entity : dictionary::AllEntities()) {
      const std::string ddl = WriteFunctionDdl(*entity);
      const std::string signature = WriteFunctionSignature(*entity);
      const auto digest = work.exec_params1("select md5($1)", ddl)[0].as<std::string>();
      if (!Replaces(FindFunction(work, signature), digest, entity->table)) continue;
      work.exec(ddl);
      work.exec("comment on function " + signature + " is " +
                work.quote("version " + std::to_string(kWriteFunctionVersion) + " md5 " + digest));
    }
  });
}

// An administrator may have made the role; making it needs CREATEROLE.
bool GrantServiceRole(pqxx::connection& connection) {
  try {
    InTransaction(connection, [](pqxx::work& work) {
      if (work.exec_params("select from pg_roles where rolname = $1", kServiceRole).empty()) {
        work.exec(std::string("create role ") + kServiceRole + " nologin");
      }
      work.exec(
          "do $$ begin if not pg_has_role(current_user, 'journeyfeed_service', 'member') then"
          " execute format('grant journeyfeed_service to %I', current_user); end if; end $$");
      work.exec(std::string(sql::kRoles.text));
    });
    return true;
  } catch (const pqxx::sql_error& error) {
    if (error.sqlstate() != "42501") throw;
    spdlog::warn(
        "no role journeyfeed_service and no right to create it: only triggers protect the tables from direct writes");
    return false;
  }
}

void MaintainEntities(pqxx::connection& connection) {
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const std::string id = std::to_string(entity->id) + "::smallint";
    InTransaction(connection, [&](pqxx::work& work) {
      // A sequence behind its log, or behind what was removed of it (a logical copy, a mistaken setval), would issue
      // numbers again.
      const bool behind = work.exec1("select greatest((select max(seq) from journeyfeed." + entity->table +
                                     "_log), (select removed from journeyfeed.feed_floor where entity = " + id +
                                     ")) > (select last_value - (not is_called)::integer from journeyfeed." +
                                     entity->table + "_log_seq)")[0]
                              .as<bool>();
      if (work.exec1("select journeyfeed.open_history(" + id + ", " + (behind ? "true" : "false") + ")")[0]
              .as<bool>()) {
        spdlog::warn("opened a new history of {}: the cluster changed{}", entity->table,
                     behind ? " or its sequence was behind" : "");
      }
    });
    // A separate transaction: opening holds the feed lock to its commit, and making partitions may wait for a lock on
    // the log.
    InTransaction(connection,
                  [&](pqxx::work& work) { work.exec("select journeyfeed.make_log_partitions(" + id + ")"); });
  }
  InTransaction(connection, [](pqxx::work& work) { work.exec("select journeyfeed.make_outcome_partitions()"); });
}

// A migration has no time limit.
constexpr char kLongStatements[] = "-c statement_timeout=0";
constexpr char kShortStatements[] = "-c statement_timeout=30000";

template <typename T>
Result<T> Guarded(const std::function<T(pqxx::connection&)>& body, const std::string& conninfo,
                  std::stop_token stop = {}, const char* options = kShortStatements) {
  try {
    OwnerConnection session(conninfo, options, std::move(stop));
    return body(session.connection());
  } catch (const Refused& refused) {
    return std::unexpected(refused.failure);
  } catch (const pqxx::broken_connection& error) {
    spdlog::debug("owner's connection: {}", error.what());
    return std::unexpected(Unavailable("the database cannot be reached"));
  } catch (const std::exception& error) {
    spdlog::error("owner's connection: {}", error.what());
    return std::unexpected(Unavailable("the database could not be prepared"));
  }
}

// On a large table, migration 0009 leaves these to the operator.
void WarnOfMissingIndexes(pqxx::connection& connection) {
  InTransaction(connection, [](pqxx::work& work) {
    for (const auto& row : work.exec("select journeyfeed.missing_indexes()")) {
      spdlog::warn("an index is missing, queries by name are slow: {}", row[0].as<std::string>());
    }
  });
}

// The size by PostgreSQL's formula: for each process that can lock, with those of autovacuum, replication and parallel
// queries.
std::int64_t ReadLockTable(pqxx::connection& connection) {
  pqxx::read_transaction read(connection);
  return read
      .exec1(
          "select current_setting('max_locks_per_transaction')::bigint * (1 + (select sum(setting::bigint) from "
          "pg_settings"
          " where name in ('max_connections', 'max_prepared_transactions', 'autovacuum_max_workers',"
          " 'max_worker_processes', 'max_wal_senders')))")[0]
      .as<std::int64_t>();
}

std::vector<TokenKey> ReadTokenKeys(pqxx::connection& connection) {
  std::vector<TokenKey> keys;
  pqxx::read_transaction read(connection);
  for (const auto& row : read.exec(std::string(sql::kQueriesTokenKeys.text))) {
    keys.push_back({.id = row[0].as<int>(),
                    .secret = pqxx::binarystring(row[1]).str(),
                    .age = std::chrono::milliseconds(row[2].as<std::int64_t>())});
  }
  return keys;
}

std::string OpenToOthers(pqxx::connection& connection) {
  pqxx::read_transaction read(connection);
  return read
      .exec1(
          "select case when has_database_privilege('public', current_database(), 'connect')"
          " then quote_ident(current_database()) else '' end")[0]
      .as<std::string>();
}

template <typename T>
std::optional<T> Field(const std::optional<LogPoint>& point, T LogPoint::*member) {
  return point ? std::optional((*point).*member) : std::nullopt;
}

}  // namespace

Result<bool> VerifyHistory(const std::string& conninfo, const dictionary::Entity& entity,
                           const std::optional<LogPoint>& known, std::stop_token stop) {
  return Guarded<bool>(
      [&](pqxx::connection& connection) {
        pqxx::work work(connection);
        work.exec("set local lock_timeout = '10s'");
        const bool opened =
            work.exec_params1("select journeyfeed.verify_history($1::smallint, $2::bigint, $3::bigint, $4::bigint)",
                              entity.id, Field(known, &LogPoint::history), Field(known, &LogPoint::seq),
                              Field(known, &LogPoint::nonce))[0]
                .as<bool>();
        work.commit();
        if (opened) spdlog::warn("opened a new history of {}: the cluster changed or was set back", entity.table);
        return opened;
      },
      conninfo, std::move(stop));
}

int SchemaVersion() { return kSchemaVersion; }

Result<Migrated> Migrate(const std::string& conninfo, bool first, std::stop_token stop,
                         const std::vector<Migration>& more) {
  return Guarded<Migrated>(
      [first, &more](pqxx::connection& connection) {
        const bool behind = ApplyMigrations(connection, first, more);
        CheckSchema(connection);
        // Once per process: a later replacement of the functions belongs to a rollout.
        if (first || behind) RefreshFunctions(connection);
        Migrated migrated;
        migrated.service_role = GrantServiceRole(connection);
        MaintainEntities(connection);
        if (first) WarnOfMissingIndexes(connection);
        migrated.token_keys = ReadTokenKeys(connection);
        migrated.open_to_others = OpenToOthers(connection);
        migrated.lock_table = ReadLockTable(connection);
        return migrated;
      },
      conninfo, std::move(stop), kLongStatements);
}

Result<void> Maintain(const std::string& conninfo, std::stop_token stop) {
  const Result<bool> done = Guarded<bool>(
      [](pqxx::connection& connection) {
        MaintainEntities(connection);
        return true;
      },
      conninfo, std::move(stop));
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace journeyfeed::postgres
