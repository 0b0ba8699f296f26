// Exporting, importing elsewhere and exporting again gives the same records; a line is executed once whatever happens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

#include "storage/types.h"
#include "tests/cli/command_line.h"
#include "tests/integration/database_connection.h"
#include "tests/support/eventually.h"

namespace journeyfeed::cli::testing {
namespace {

using journeyfeed::testing::DatabaseConnection;
using journeyfeed::testing::Eventually;
using journeyfeed::testing::Query;
using journeyfeed::testing::ReadFile;
using journeyfeed::testing::TempDir;

// The columns that a server decides itself (cli/README.md).
const std::set<std::string> kSystemColumns = {
    "createdon",     "modifiedon",          "_createdby_value",         "_modifiedby_value",
    "versionnumber", "overriddencreatedon", "_createdonbehalfby_value", "_modifiedonbehalfby_value"};

std::vector<nlohmann::json> Records(const std::string& text, bool system_columns = false) {
  std::vector<nlohmann::json> records;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    auto record = nlohmann::json::parse(line);
    if (!system_columns) {
      for (const std::string& column : kSystemColumns) record.erase(column);
    }
    records.push_back(std::move(record));
  }
  return records;
}

// Exports from one server, imports into an empty other one, and exports from there.
void ExpectSameElsewhere(TestServer& first, const std::string& entity, std::size_t count, const Arguments& more = {}) {
  const TempDir folder;
  TestServer second(NewDatabase());
  ASSERT_EQ(Journeyctl(first, {"export", entity, folder / "a"}).exit_code, 0);
  Arguments import = {"import", entity, folder / "a"};
  import.insert(import.end(), more.begin(), more.end());
  const Ran imported = Journeyctl(second, import);
  ASSERT_EQ(imported.exit_code, 0) << imported.out << imported.err;
  ASSERT_EQ(Journeyctl(second, {"export", entity, folder / "b"}).exit_code, 0);
  const auto before = Records(ReadFile(folder / "a"));
  EXPECT_EQ(before.size(), count);
  EXPECT_EQ(Records(ReadFile(folder / "b")), before);
}

TEST(RoundTrip, OfSessions) {
  TestServer server(NewDatabase());
  std::string lines;
  for (int i = 0; i < 700; ++i) {
    nlohmann::json record = {{"msdynmkt_journeyrunsessionid", Uuid::FromName(std::to_string(i)).ToString()},
                             {"msdynmkt_name", "é日本👍\t\"" + std::to_string(i)},
                             {"msdynmkt_journeyrunid", std::to_string(i % 5)},
                             {"msdynmkt_session", std::string(static_cast<std::size_t>(i) * 20, 'x') + "\n\x7f"},
                             {"importsequencenumber", i}};
    if (i % 3 == 0) record["partitionid"] = "p" + std::to_string(i % 7);
    if (i % 4 == 0) record["ttlinseconds"] = 100'000 + i;
    if (i == 5) record["msdynmkt_session"] = std::string(1'048'575, 'y');
    lines += record.dump() + "\n";
  }
  ASSERT_EQ(Journeyctl(server, {"import", "session", "-"}, lines).exit_code, 0);
  ExpectSameElsewhere(server, "session", 700);
  ExpectSameElsewhere(server, "session", 700, {"--mode", "create"});
}

TEST(RoundTrip, OfJourneys) {
  TestServer server(NewDatabase());
  ASSERT_EQ(Journeyctl(server, {"create", "journey", JOURNEYFEED_SEED_BODY, "--set",
                                "ownerid=/teams(00000000-0000-4000-8000-000000000007)"})
                .exit_code,
            0);
  ASSERT_EQ(Journeyctl(server, {"create", "journey", "--set", "name=bare"}).exit_code, 0);
  ExpectSameElsewhere(server, "journey", 2);
}

// A new journey is always a Draft.
TEST(RoundTrip, AJourneyThatIsNoDraftIsNamedAndTheOthersGoOn) {
  TestServer server(NewDatabase());
  const auto imported = Journeyctl(server, {"import", "journey", "-", "--mode", "create"},
                                   "{\"msdyncrm_name\":\"a\"}\n{\"msdyncrm_name\":\"b\",\"statuscode\":192350001}\n"
                                   "{\"msdyncrm_name\":\"c\"}\n");
  EXPECT_EQ(imported.exit_code, 9);
  EXPECT_THAT(imported.out, ::testing::HasSubstr("{\"line\":2,"));
  EXPECT_THAT(imported.out, ::testing::HasSubstr("INVALID_STATE_TRANSITION"));
  EXPECT_EQ(Journeyctl(server, {"export", "journey"}).lines().size(), 2u);
}

TEST(RoundTrip, KeepsTheTimeOfCreationWhenAsked) {
  const TempDir folder;
  TestServer first(NewDatabase()), second(NewDatabase());
  ASSERT_EQ(Journeyctl(first, {"create", "journey", JOURNEYFEED_SEED_BODY}).exit_code, 0);
  ASSERT_EQ(Journeyctl(first, {"export", "journey", folder / "a"}).exit_code, 0);
  ASSERT_EQ(Journeyctl(second, {"import", "journey", folder / "a", "--mode", "create", "--keep-created-on"}).exit_code,
            0);
  const auto before = Records(ReadFile(folder / "a"), true).at(0);
  const auto after = Journeyctl(second, {"export", "journey"}).lines().at(0);
  EXPECT_EQ(after["createdon"], before["createdon"]);
  EXPECT_TRUE(after.contains("overriddencreatedon"));
}

std::string NamedLines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += R"({"msdynmkt_name":"n)" + std::to_string(i) + R"(","msdynmkt_journeyrunid":"1","msdynmkt_session":"s"})" +
             "\n";
  }
  return lines;
}

// No line has an id: a line that is executed twice would create two records.
TEST(Import, OfTheSameRunTwiceIsExecutedOnce) {
  const std::string url = NewDatabase();
  TestServer server(url);
  const Arguments import = {
      "import", "session", "-", "--mode", "create", "--run-id", "6628bbf7-c52a-e911-a9b7-000d3a1e6adc"};
  for (int run = 0; run < 2; ++run) {
    const Ran ran = Journeyctl(server, import, NamedLines(450));
    ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    EXPECT_EQ(ran.lines().at(0)["created"], 450);
  }
  EXPECT_EQ(Query(url, "select count(*) from journeyfeed.journey_run_session"), "450");
  EXPECT_EQ(Query(url, "select count(*) from journeyfeed.journey_run_session_log"), "450");
}

TEST(Import, IsExecutedOnceThoughConnectionsToTheDatabaseAreCut) {
  const std::string url = NewDatabase();
  TestServer server(url);
  constexpr int kLines = 6000;
  std::atomic<bool> done = false;
  std::atomic<int> cuts = 0;
  // The first write waits until its connection is killed; later kills come at any moment.
  auto held = std::make_unique<DatabaseConnection>(url);
  held->Execute("begin; select pg_advisory_xact_lock(journeyfeed.feed_lock_class(), 1)");
  std::jthread cutter([&] {
    (void)Eventually([&] {
      cuts += std::stoi(Query(
          url, "select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and not granted"));
      return cuts > 0;
    });
    held.reset();
    while (!done) {
      // Kills connections that write, in the middle of a statement or between two.
      const std::string cut = Query(url, R"(select count(pg_terminate_backend(pid)) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and query like '%write%')");
      cuts += std::stoi(cut);
      // Only a few kills: the import must be able to finish.
      if (cuts > 8) return;
    }
  });
  const Ran ran =
      Journeyctl(server, {"import", "session", "-", "--mode", "create", "--batch-rows", "50", "--timeout", "60s"},
                 NamedLines(kLines));
  done = true;
  cutter.join();
  EXPECT_EQ(ran.exit_code, 0) << ran.out.substr(0, 2000) << ran.err;
  EXPECT_GT(cuts.load(), 0);
  EXPECT_EQ(Query(url, "select count(*) from journeyfeed.journey_run_session"), std::to_string(kLines));
  EXPECT_EQ(Query(url, "select count(distinct name) from journeyfeed.journey_run_session"), std::to_string(kLines));
}

}  // namespace
}  // namespace journeyfeed::cli::testing
