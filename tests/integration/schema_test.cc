// Compares the live schema with the data dictionary, and checks who may write to it.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "storage/dictionary/dictionary.h"
#include "tests/integration/calls.h"
#include "tests/integration/database_connection.h"

namespace journeyfeed::testing {
namespace {

using dictionary::ColumnType;

std::string SqlTypeOf(ColumnType type) {
  switch (type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return "uuid";
    case ColumnType::kInteger:
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return "integer";
    case ColumnType::kBigInt:
      return "bigint";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kDateTime:
      return "timestamp with time zone";
    case ColumnType::kString:
    case ColumnType::kMemo:
    case ColumnType::kEntityName:
      break;
  }
  return "text";
}

// Name to type, of the live table.
std::map<std::string, std::string> LiveColumns(const std::string& table) {
  std::istringstream lines(
      Query(TheService().database_url,
            "select string_agg(attname || '=' || format_type(atttypid, atttypmod), E'\\n') from pg_attribute"
            " where attrelid = 'journeyfeed." +
                table + "'::regclass and attnum > 0 and not attisdropped"));
  std::map<std::string, std::string> columns;
  for (std::string line; std::getline(lines, line);)
    columns[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
  return columns;
}

const std::vector<const dictionary::Entity*>& Entities() {
  // Names the descriptors, so that the linker keeps them.
  dictionary::Describe(journeyrunsession::v1::JourneyRunSession::descriptor());
  dictionary::Describe(customerjourney::v1::CustomerJourney::descriptor());
  return dictionary::AllEntities();
}

TEST(Schema, HasEveryStoredColumnAndNoOther) {
  for (const auto* entity : Entities()) {
    std::map<std::string, std::string> expected;
    for (const auto& column : entity->columns) {
      if (column.stored) expected[column.name] = SqlTypeOf(column.type);
    }
    if (entity->elastic) {
      expected.insert(
          {{"partition_key", "text"}, {"expires_at", "timestamp with time zone"}, {"expiry_hour", "integer"}});
    }
    // When the present status began, for the timers of the lifecycle (migration 0007).
    if (entity->definition->enforce_state_transitions()) expected.insert({"status_since", "timestamp with time zone"});
    EXPECT_EQ(LiveColumns(entity->table), expected) << entity->table;
  }
}

TEST(Schema, ColumnsThatAlwaysHaveAValueAreNotNull) {
  for (const auto* entity : Entities()) {
    for (const auto& column : entity->columns) {
      const bool never_null =
          column.type == ColumnType::kState || column.type == ColumnType::kStatus ||
          column.type == ColumnType::kOwner || column.name == "id" || column.name == "version_number" ||
          column.name == "created_by" ||
          (column.required_level == dictionary::RequiredLevel::kApplicationRequired && !column.default_value);
      if (!column.stored || !never_null) continue;
      EXPECT_EQ(Query(TheService().database_url, "select attnotnull from pg_attribute where attrelid = 'journeyfeed." +
                                                     entity->table + "'::regclass and attname = '" + column.name + "'"),
                "t")
          << entity->table << '.' << column.name;
    }
  }
}

TEST(Schema, ChangedColumnsFitTheirBits) {
  for (const auto* entity : Entities()) {
    std::set<int> numbers;
    for (const auto& column : entity->columns) {
      EXPECT_LE(column.number, dictionary::kMaxColumnNumber);
      EXPECT_TRUE(numbers.insert(column.number).second);
    }
  }
}

// The log keeps a bit for each column that a change named.
TEST(Schema, TheLogNamesTheChangedColumns) {
  const auto bit = [](const char* column) { return Entities()[0]->Find(column)->bit(); };
  const std::string id = MakeSession();
  ASSERT_TRUE(Sessions().Update(Target(id, "name: 'x' ttl_in_seconds: 1000")).ok());
  EXPECT_EQ(Query(TheService().database_url,
                  "select changed_columns from journeyfeed.journey_run_session_log where record_id = '" + id +
                      "' order by seq desc limit 1"),
            std::to_string(bit("name") | bit("ttl_in_seconds")));
  ASSERT_TRUE(Sessions().Delete(Target(id)).ok());
  EXPECT_EQ(Query(TheService().database_url,
                  "select changed_columns from journeyfeed.journey_run_session_log where record_id = '" + id +
                      "' order by seq desc limit 1"),
            "0");
}

constexpr const char* kNoPrivilege = "42501";
constexpr const char* kDirectWrite = "JF001";
constexpr const char* kNotAlone = "JF002";

TEST(Guards, TheServersConnectionsHaveTheServiceRole) {
  MakeSession();
  // Their connection options set the role; the next test shows its rights.
  EXPECT_NE(Query(TheService().database_url,
                  "select count(*) from pg_roles where rolname = 'journeyfeed_service' and not rolcanlogin"
                  " and not rolsuper"),
            "0");
}

TEST(Guards, TheServiceRoleCannotWriteTables) {
  DatabaseConnection service(TheService().database_url);
  service.Execute("set role journeyfeed_service");
  for (const std::string table :
       {"journey_run_session", "journey_run_session_log", "customer_journey", "customer_journey_log", "feed_history",
        "feed_floor", "token_key", "request_outcome", "schema_migration"}) {
    EXPECT_EQ(RefusedWith(service, "select count(*) from journeyfeed." + table), "") << table;
    EXPECT_EQ(RefusedWith(service, "insert into journeyfeed." + table + " default values"), kNoPrivilege) << table;
    EXPECT_EQ(RefusedWith(service, "delete from journeyfeed." + table), kNoPrivilege) << table;
    EXPECT_EQ(RefusedWith(service, "truncate journeyfeed." + table), kNoPrivilege) << table;
  }
  EXPECT_EQ(RefusedWith(service, "update journeyfeed.customer_journey set name = ''"), kNoPrivilege);
  EXPECT_EQ(RefusedWith(service, "alter table journeyfeed.customer_journey add x integer"), kNoPrivilege);
  EXPECT_EQ(RefusedWith(service, "create table journeyfeed.x (a integer)"), kNoPrivilege);
  EXPECT_EQ(RefusedWith(service, "select nextval('journeyfeed.journey_run_session_log_seq')"), kNoPrivilege);
  EXPECT_EQ(RefusedWith(service, "set journeyfeed.writing = 'on'; delete from journeyfeed.customer_journey"),
            kNoPrivilege);
}

TEST(Guards, TheOwnersDirectWritesAreRefused) {
  MakeSession();
  DatabaseConnection owner(TheService().database_url);
  for (const std::string table :
       {"journey_run_session", "journey_run_session_log", "customer_journey", "customer_journey_log"}) {
    EXPECT_EQ(RefusedWith(owner, "insert into journeyfeed." + table + " default values"), kDirectWrite) << table;
    EXPECT_EQ(RefusedWith(owner, "update journeyfeed." + table + " set version_number = 1"), kDirectWrite) << table;
    EXPECT_EQ(RefusedWith(owner, "delete from journeyfeed." + table), kDirectWrite) << table;
    EXPECT_EQ(RefusedWith(owner, "truncate journeyfeed." + table), kDirectWrite) << table;
  }
}

// Also for each partition of the log by its own name.
TEST(Guards, TheOwnersDirectWritesToPartitionsAreRefused) {
  DatabaseConnection owner(TheService().database_url);
  std::istringstream partitions(Query(TheService().database_url,
                                      "select string_agg(inhrelid::regclass::text, E'\\n') from pg_inherits"
                                      " where inhparent in ('journeyfeed.journey_run_session_log'::regclass,"
                                      " 'journeyfeed.customer_journey_log'::regclass)"));
  int count = 0;
  for (std::string partition; std::getline(partitions, partition); ++count) {
    EXPECT_EQ(RefusedWith(owner, "delete from " + partition), kDirectWrite) << partition;
    EXPECT_EQ(RefusedWith(owner, "truncate " + partition), kDirectWrite) << partition;
  }
  EXPECT_GE(count, 8);
}

// A call of the write function with nulls for one row: it must refuse before it reads them.
std::string WriteCallText() {
  return Query(TheService().database_url,
               "select format('select journeyfeed.%s(%s)', proname, string_agg('null::' || format_type(t, null), ', ' "
               "order by n))"
               " from pg_proc p, unnest(proargtypes) with ordinality as a (t, n)"
               " where proname = 'write_journey_run_session' group by p.oid, proname");
}

TEST(Guards, TheWriteFunctionRefusesATransactionThatHasWritten) {
  DatabaseConnection owner(TheService().database_url);
  const std::string write = WriteCallText();
  owner.Execute("create table scratch (a integer)");
  owner.Execute("begin; insert into scratch values (1)");
  EXPECT_EQ(RefusedWith(owner, write), kNotAlone);
  owner.Execute("rollback");
  owner.Execute("begin isolation level repeatable read");
  EXPECT_EQ(RefusedWith(owner, write), kNotAlone);
  owner.Execute("rollback; drop table scratch");
}

}  // namespace
}  // namespace journeyfeed::testing
