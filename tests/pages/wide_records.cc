#include "tests/pages/wide_records.h"

#include "storage/postgres/sql/sql_template.h"

namespace journeyfeed::testing {
namespace {

std::string Widest(const dictionary::Column& column, int large) {
  if (column.name == "id") return "md5('wide' || i)::uuid";
  if (column.name == "version_number") return "9000000000000000000 + i";
  if (column.name == "partition_id") return "'p'";
  const std::string type = postgres::SqlType(column.type);
  if (type == "uuid") return "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid";
  if (type == "integer" || type == "bigint") return "-1";  // ten bytes: negative numbers are the longest
  if (type == "boolean") return "true";
  if (type == "timestamptz") return "'0001-01-01T00:00:00.999999Z'::timestamptz";
  return "repeat('\xE8\xAA\x9E', (case when i % 250 = 0 then " + std::to_string(large) + " else i % 50 end)::integer)";
}

std::string Logged(const dictionary::Entity& entity, int message) {
  return " insert into journeyfeed." + entity.table +
         "_log (seq, nonce, version_number, changed_columns, logged_at, record_id, user_id, initiating_user_id, "
         "correlation_id, message, depth, call_end" +
         (entity.elastic ? ", partition_id" : "") + ") select nextval('journeyfeed." + entity.table +
         "_log_seq'), 1, version_number" + (message == 4 ? " + 1000000" : "") +
         ", 0, now(), id, created_by, created_by, gen_random_uuid(), " + std::to_string(message) + ", 1, true" +
         (entity.elastic ? ", partition_id" : "") + " from written";
}

}  // namespace

void StoreWideRecords(const FeedDatabase& database, const dictionary::Entity& entity, int count, int large) {
  std::string names, values;
  for (const dictionary::Column* column : postgres::ReadColumns(entity)) {
    names += (names.empty() ? "" : ", ") + column->name;
    values += (values.empty() ? "" : ", ") + Widest(*column, large);
  }
  const std::string table = "journeyfeed." + entity.table;
  database.Tamper("with written as (insert into " + table + " (" + names + ") select " + values + " from (select " +
                  "(select count(*) from " + table + ") + g as i from generate_series(1, " + std::to_string(count) +
                  ") g) n returning *)" + Logged(entity, 1));
}

void DeleteSomeRecords(const FeedDatabase& database, const dictionary::Entity& entity) {
  database.Tamper("with written as (delete from journeyfeed." + entity.table +
                  " where version_number % 3 = 0 returning *)" + Logged(entity, 4));
}

}  // namespace journeyfeed::testing
