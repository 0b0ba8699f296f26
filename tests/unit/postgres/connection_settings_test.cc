// Settings of connections in the environment, the database and the role must not change what is stored and read.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <pqxx/pqxx>

#include "storage/postgres/connection/connection.h"
#include "storage/postgres/connection/owner_connection.h"
#include "storage/postgres/schema/migrator.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
using Settings = std::map<std::string, std::string>;

const Settings kOurs{{"client_encoding", "UTF8"},
                     {"DateStyle", "ISO, MDY"},
                     {"IntervalStyle", "postgres"},
                     {"TimeZone", "UTC"},
                     {"extra_float_digits", "1"},
                     {"bytea_output", "hex"},
                     {"standard_conforming_strings", "on"},
                     {"transform_null_equals", "off"},
                     {"array_nulls", "on"},
                     {"search_path", "pg_catalog,pg_temp"},
                     {"quote_all_identifiers", "off"},
                     {"exit_on_error", "off"},
                     {"row_security", "off"},
                     {"default_transaction_isolation", "read committed"},
                     {"default_transaction_read_only", "off"},
                     {"default_transaction_deferrable", "off"}};

const Settings kOthers{{"client_encoding", "LATIN1"},
                       {"DateStyle", "German, DMY"},
                       {"IntervalStyle", "sql_standard"},
                       {"TimeZone", "Asia/Kathmandu"},
                       {"extra_float_digits", "-15"},
                       {"bytea_output", "escape"},
                       {"standard_conforming_strings", "off"},
                       {"transform_null_equals", "on"},
                       {"array_nulls", "off"},
                       {"search_path", "strange"},
                       {"quote_all_identifiers", "on"},
                       {"exit_on_error", "on"},
                       {"default_transaction_isolation", "serializable"},
                       {"default_transaction_read_only", "on"},
                       {"default_transaction_deferrable", "on"}};

std::string Shown(const Settings& settings) {
  std::string names;
  for (const auto& [name, value] : settings) names += (names.empty() ? "'" : ", '") + name + "'";
  return "select name, setting from pg_settings where name in (" + names + ")";
}

// A variable of libpq's environment, while it lives.
class Environment {
 public:
  explicit Environment(Settings values) : values_(std::move(values)) {
    for (const auto& [name, value] : values_) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : values_) unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const Settings values_;
};

class ConnectionSettings : public ::testing::Test {
 protected:
  void SetOn(const std::string& what) {
    for (const auto& [name, value] : kOthers)
      testing::Query(postgres_.url(), "alter " + what + " set " + name + " = '" + value + "'");
  }
  Settings OfLibpq() const {
    const auto connection = Connection::Open(url_, "", 10s).value();
    const auto rows = connection->ExecuteOnce(Shown(kOurs), {}, ResultFormat::kText, 10s).value();
    Settings settings;
    for (int i = 0; i < PQntuples(rows.get()); ++i)
      settings[PQgetvalue(rows.get(), i, 0)] = PQgetvalue(rows.get(), i, 1);
    return settings;
  }
  Settings OfLibpqxx() const {
    OwnerConnection session(url_, "", {});
    pqxx::nontransaction work(session.connection());
    Settings settings;
    for (const auto& row : work.exec(Shown(kOurs))) settings[row[0].c_str()] = row[1].c_str();
    return settings;
  }

  testing::TestPostgres postgres_;
  const std::string url_ = postgres_.CreateDatabase("strange");
};

TEST_F(ConnectionSettings, AreOursWhateverTheDatabaseSays) {
  SetOn("database strange");
  EXPECT_EQ(OfLibpq(), kOurs);
  EXPECT_EQ(OfLibpqxx(), kOurs);
}

TEST_F(ConnectionSettings, AreOursWhateverTheRoleSays) {
  SetOn("role postgres in database strange");
  EXPECT_EQ(OfLibpq(), kOurs);
  EXPECT_EQ(OfLibpqxx(), kOurs);
}

// PGTZ, PGDATESTYLE and PGGEQO would override the options of a connection: the server's main removes them.
TEST_F(ConnectionSettings, AreOursWhateverTheEnvironmentSays) {
  std::string options;
  for (const auto& [name, value] : kOthers) {
    std::string escaped;
    for (const char c : value) escaped += c == ' ' ? std::string("\\ ") : std::string(1, c);
    options += " -c " + name + "=" + escaped;
  }
  const Environment environment({{"PGCLIENTENCODING", "LATIN1"}, {"PGOPTIONS", options}});
  EXPECT_EQ(OfLibpq(), kOurs);
  EXPECT_EQ(OfLibpqxx(), kOurs);
}

// A function that precedes ours in the search path must not be called.
TEST_F(ConnectionSettings, TheSchemaIsMadeUnderThem) {
  testing::Query(url_,
                 "create schema strange; create function strange.hashtext(text) returns integer language sql as"
                 " 'select 1 / 0'; create function strange.clock_timestamp() returns timestamptz language sql as"
                 " 'select timestamptz ''-infinity'''");
  SetOn("database strange");
  testing::Query(postgres_.url(), "alter database strange set search_path = strange, pg_catalog");
  const auto migrated = Migrate(url_, true);
  ASSERT_TRUE(migrated) << migrated.error().message;
  ASSERT_EQ(migrated->token_keys.size(), 1U);
  EXPECT_EQ(migrated->token_keys[0].secret.size(), 48U) << "bytes, not their text";
  EXPECT_TRUE(Maintain(url_));
}

}  // namespace
}  // namespace journeyfeed::postgres
