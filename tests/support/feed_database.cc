#include "tests/support/feed_database.h"

#include <libpq-fe.h>

#include <atomic>
#include <stdexcept>

#include "storage/postgres/schema/migrator.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {
namespace {

using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

Rows Read(PGconn* connection, const char* sql) {
  Rows rows(PQexec(connection, sql), &PQclear);
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection));
  return rows;
}

std::string Text(const Rows& rows, int row, int column) { return PQgetvalue(rows.get(), row, column); }
std::int64_t Number(const Rows& rows, int row, int column) { return std::stoll("0" + Text(rows, row, column)); }
std::int64_t Signed(const Rows& rows, int row, int column) { return std::stoll(Text(rows, row, column)); }

RecordKey KeyOf(const Rows& rows, int row, int id, int partition) {
  RecordKey key{.id = *Uuid::Parse(Text(rows, row, id))};
  if (PQgetisnull(rows.get(), row, partition) == 0) key.partition_id = Text(rows, row, partition);
  return key;
}

}  // namespace

const dictionary::Entity& Sessions() { return *dictionary::AllEntities().front(); }

std::string ContentOf(std::string_view name, std::string_view session) {
  return std::string(name) + "\n" + std::string(session);
}

RecordKey Key(int number) { return {.id = Uuid::FromName("record " + std::to_string(number))}; }

FinalState ReadFinalState(const std::string& url) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  Read(connection.get(), "select set_config('default_transaction_isolation', 'repeatable read', false)");
  const Rows begun(PQexec(connection.get(), "begin"), &PQclear);
  FinalState final;
  const Rows log = Read(connection.get(),
                        "select seq, nonce, version_number, record_id, partition_id, message, call_end, correlation_id"
                        " from journeyfeed.journey_run_session_log order by seq");
  for (int i = 0; i < PQntuples(log.get()); ++i) {
    final.log.push_back({.seq = Number(log, i, 0),
                         .nonce = Signed(log, i, 1),
                         .version = Number(log, i, 2),
                         .key = KeyOf(log, i, 3, 4),
                         .message = static_cast<int>(Number(log, i, 5)),
                         .call_end = Text(log, i, 6) == "t",
                         .call = *Uuid::Parse(Text(log, i, 7))});
  }
  const Rows table =
      Read(connection.get(),
           "select id, partition_id, version_number, name, session, coalesce(expires_at <= clock_timestamp(), false)"
           " from journeyfeed.journey_run_session");
  for (int i = 0; i < PQntuples(table.get()); ++i) {
    Copy& copy = Text(table, i, 5) == "t" ? final.expired : final.table;
    copy[KeyOf(table, i, 0, 1)] = {.version = Number(table, i, 2),
                                   .content = ContentOf(Text(table, i, 3), Text(table, i, 4))};
  }
  final.removed = Number(Read(connection.get(), "select removed from journeyfeed.feed_floor where entity = 1"), 0, 0);
  return final;
}

FeedDatabase::FeedDatabase() {
  static TestPostgres postgres;
  static std::atomic<int> number = 0;
  static const bool migrated =
      OrThrow(postgres::Migrate(postgres.CreateDatabase("migrated"), true)).token_keys.size() == 1;
  const std::string name = "feed" + std::to_string(++number);
  Query(postgres.url(), "create database " + name + " template migrated");
  url_ = migrated ? postgres.url(name) : "";
}

FeedDatabase::FeedDatabase(TestPostgres& postgres, const std::string& name) : url_(postgres.CreateDatabase(name)) {
  OrThrow(postgres::Migrate(url_, true));
}

void FeedDatabase::Tamper(const std::string& sql) const {
  Query(url_, "begin; set local journeyfeed.writing = 'on'; " + sql + "; commit");
}

bool FeedDatabase::Waits(int pid) const {
  return Ask("select count(*) from pg_locks where not granted and pid = " + std::to_string(pid)) != "0";
}

}  // namespace journeyfeed::testing
