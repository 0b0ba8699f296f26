#include "storage/postgres/migrator.h"

#include <spdlog/spdlog.h>

#include <functional>
#include <pqxx/pqxx>

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/sql.h"
#include "storage/postgres/statements.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;

constexpr int kSchemaVersion = static_cast<int>(sql::kMigrations.size());
constexpr const char* kServiceRole = "journeyfeed_service";

struct Refused {
  Status status;
};

// One transaction under a lock that every migrating server takes first.
void InTransaction(pqxx::connection& connection, const std::function<void(pqxx::work&)>& body) {
  pqxx::work work(connection);
  work.exec("set local lock_timeout = '10s'");
  work.exec("select pg_advisory_xact_lock(hashtext('journeyfeed.migration'), 0)");
  body(work);
  work.commit();
}

// The settings that the order of the log depends on; a database that lacks them must not be written to.
void CheckServer(pqxx::work& work) {
  const auto row = work.exec1(
      "select current_setting('server_encoding'), current_setting('server_version_num')::int,"
      " current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int");
  if (row[0].as<std::string>() != "UTF8") {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED, .message = "the database's encoding is not UTF8"}};
  }
  if (row[1].as<int>() < 150000) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED, .message = "PostgreSQL 15 or newer is needed"}};
  }
  // By which text is compared without case, whatever the database's own locale is (migration 0008).
  if (work.exec("select from pg_collation where collname = 'und-x-icu' and collnamespace = 'pg_catalog'::regnamespace"
                " and collprovider = 'i' and collencoding in (-1, pg_char_to_encoding('UTF8'))")
          .empty()) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                   .message = "the database has no collation und-x-icu: a PostgreSQL with ICU is needed"
                              " (and, as superuser: select pg_import_system_collations('pg_catalog'))"}};
  }
  // Each row of a batch holds one advisory lock: at most 4 batches of 1000 rows are in flight.
  if (row[2].as<long>() < 5000) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                   .message = "max_locks_per_transaction * max_connections must be at least 5000"}};
  }
  // Numbers that sessions keep for later would be used after higher ones were committed: lost changes.
  if (!work.exec("select from pg_sequences where schemaname = 'journeyfeed' and cache_size <> 1").empty()) {
    throw Refused{
        {.reason = pb::ERROR_REASON_NOT_SUPPORTED, .message = "the sequences of schema journeyfeed must be CACHE 1"}};
  }
}

int AppliedVersion(pqxx::work& work, bool first) {
  work.exec("create schema if not exists journeyfeed");
  work.exec(
      "create table if not exists journeyfeed.schema_migration (version integer primary key, name text not null,"
      " checksum text not null, applied_at timestamptz not null default clock_timestamp())");
  const auto applied = work.exec("select version, checksum from journeyfeed.schema_migration order by version");
  for (const auto& row : applied) {
    const int version = row[0].as<int>();
    if (version > kSchemaVersion) {
      if (!first) return version;  // the version that migrated keeps this one working
      throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                     .message = "the database's schema is newer than this server: version " + std::to_string(version)}};
    }
    const auto& file = sql::kMigrations.at(static_cast<std::size_t>(version - 1));
    const auto checksum = work.exec_params1("select md5($1)", std::string(file.text))[0].as<std::string>();
    if (checksum != row[1].as<std::string>()) {
      throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                     .message = "migration " + std::string(file.name) + " was applied with another text"}};
    }
  }
  return static_cast<int>(applied.size());
}

// Whether the schema was behind.
bool ApplyMigrations(pqxx::connection& connection, bool first) {
  bool behind = false;
  InTransaction(connection, [&](pqxx::work& work) {
    CheckServer(work);
    for (int version = AppliedVersion(work, first) + 1; version <= kSchemaVersion; ++version) {
      behind = true;
      const auto& file = sql::kMigrations.at(static_cast<std::size_t>(version - 1));
      work.exec(std::string(file.text));
      work.exec_params("insert into journeyfeed.schema_migration (version, name, checksum) values ($1, $2, md5($3))",
                       version, std::string(file.name), std::string(file.text));
      spdlog::info("applied migration {}", file.name);
    }
  });
  return behind;
}

// The write functions follow the dictionary: they are made anew whenever their text changed. A version that still runs
// calls its own signature, which stays.
void RefreshFunctions(pqxx::connection& connection) {
  InTransaction(connection, [](pqxx::work& work) {
    for (const dictionary::Entity* entity : dictionary::AllEntities()) {
      const std::string ddl = WriteFunctionDdl(*entity);
      const auto same = work.exec_params(
          "select from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
          " where n.nspname = 'journeyfeed' and p.proname = $1 and obj_description(p.oid, 'pg_proc') = md5($2)",
          "write_" + entity->table, ddl);
      if (!same.empty()) continue;
      work.exec(ddl);
      work.exec(
          "do $do$ begin execute format('comment on function %s is %L', (select max(p.oid)::regprocedure from pg_proc p"
          " join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'journeyfeed' and p.proname = " +
          work.quote("write_" + entity->table) + "), md5(" + work.quote(ddl) + ")); end $do$");
    }
  });
}

// The role may exist already, made by an administrator; making it needs CREATEROLE.
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
    // Apart: opening holds the feed lock to its commit, and partitions may have to wait for a lock on the log.
    InTransaction(connection,
                  [&](pqxx::work& work) { work.exec("select journeyfeed.make_log_partitions(" + id + ")"); });
  }
  InTransaction(connection, [](pqxx::work& work) { work.exec("select journeyfeed.make_outcome_partitions()"); });
}

template <typename T>
Result<T> Guarded(const std::function<T(pqxx::connection&)>& body, const std::string& conninfo) {
  try {
    pqxx::connection connection(conninfo);
    connection.set_client_encoding("UTF8");  // whatever the environment and the role say
    return body(connection);
  } catch (const Refused& refused) {
    return std::unexpected(refused.status);
  } catch (const pqxx::broken_connection& error) {
    spdlog::debug("owner's connection: {}", error.what());
    return std::unexpected(Unavailable("the database cannot be reached"));
  } catch (const std::exception& error) {
    spdlog::error("owner's connection: {}", error.what());
    return std::unexpected(Unavailable("the database could not be prepared"));
  }
}

// Of a large table migration 0008 leaves them to the operator.
void WarnOfMissingIndexes(pqxx::connection& connection) {
  InTransaction(connection, [](pqxx::work& work) {
    for (const auto& row : work.exec("select journeyfeed.missing_indexes()")) {
      spdlog::warn("an index is missing, queries of names are slow: {}", row[0].as<std::string>());
    }
  });
}

std::vector<std::pair<std::uint8_t, std::string>> ReadTokenKeys(pqxx::connection& connection) {
  std::vector<std::pair<std::uint8_t, std::string>> keys;
  pqxx::read_transaction read(connection);
  for (const auto& row : read.exec("select key_id, secret from journeyfeed.token_key order by key_id")) {
    keys.emplace_back(static_cast<std::uint8_t>(row[0].as<int>()), pqxx::binarystring(row[1]).str());
  }
  return keys;
}

template <typename T>
std::optional<T> Field(const std::optional<LogPoint>& point, T LogPoint::*member) {
  return point ? std::optional((*point).*member) : std::nullopt;
}

}  // namespace

Result<bool> VerifyHistory(const std::string& conninfo, const dictionary::Entity& entity,
                           const std::optional<LogPoint>& known) {
  return Guarded<bool>(
      [&](pqxx::connection& connection) {
        pqxx::work work(connection);
        work.exec("set local lock_timeout = '10s'");
        const bool opened =
            work.exec_params1("select journeyfeed.verify_history($1::smallint, $2::bigint, $3::bigint, $4::bigint)",
                              entity.id, Field(known, &LogPoint::incarnation), Field(known, &LogPoint::seq),
                              Field(known, &LogPoint::nonce))[0]
                .as<bool>();
        work.commit();
        if (opened)
          spdlog::warn("opened a new history of {}: the cluster is another one or was set back", entity.table);
        return opened;
      },
      conninfo);
}

int SchemaVersion() { return kSchemaVersion; }

Result<Migrated> Migrate(const std::string& conninfo, bool first) {
  return Guarded<Migrated>(
      [first](pqxx::connection& connection) {
        const bool behind = ApplyMigrations(connection, first);
        // At a reconnect functions with another text are those of a newer version, which is being rolled out.
        if (first || behind) RefreshFunctions(connection);
        Migrated migrated;
        migrated.service_role = GrantServiceRole(connection);
        MaintainEntities(connection);
        if (first) WarnOfMissingIndexes(connection);
        migrated.token_keys = ReadTokenKeys(connection);
        return migrated;
      },
      conninfo);
}

Result<void> Maintain(const std::string& conninfo) {
  const Result<bool> done = Guarded<bool>(
      [](pqxx::connection& connection) {
        MaintainEntities(connection);
        return true;
      },
      conninfo);
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace journeyfeed::postgres
