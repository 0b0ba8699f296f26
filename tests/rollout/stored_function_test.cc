// This build with the write functions of the previous version.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/integration/streams.h"
#include "tests/lifecycle/journeys.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

constexpr const char* kTables[] = {"journey_run_session", "customer_journey"};

std::string PathOf(const std::string& table) { return std::string(JOURNEYFEED_PREVIOUS) + "/write_" + table + ".sql"; }

std::string Stored(const std::string& table) { return ReadFile(PathOf(table)); }

std::string Installed(const std::string& url, const std::string& table, const std::string& what) {
  return Query(url, "select " + what + " from pg_proc p where proname = 'write_" + table +
                        "' and pronamespace = 'journeyfeed'::regnamespace"
                        " order by p.pronargs desc, p.oid desc limit 1");
}

void PutBack(const std::string& url) {
  for (const std::string table : kTables) {
    Query(url, Stored(table));
    Query(url,
          "do $do$ begin execute format('comment on function %s is %L', (select p.oid::regprocedure from pg_proc p"
          " where proname = 'write_" +
              table + "' order by oid desc limit 1), md5('the version before')); end $do$");
  }
}

TEST(StoredFunction, ServesThisVersionUntilItIsReplaced) {
  const std::string url = TheService().postgres.CreateDatabase("stored");
  {
    TestServer server(url);
    PutBack(url);
    SessionClient sessions(server.channel());
    const std::string id = sessions.Create("target { " + kSession + " }")->id();
    EXPECT_TRUE(sessions.Update(Target(id, "name: 'x'")).ok());
    EXPECT_TRUE(sessions.Upsert(Target(id, kSession)).ok());
    EXPECT_TRUE(sessions.Delete(Target(id)).ok());
    SessionChanges changes(server.channel(), "");
    changes.ReadAll();
    EXPECT_TRUE(changes.End().ok()) << changes.End();
    JourneyClient journeys(server.channel());
    const std::string journey = Create(server.channel(), ValidJourney());
    const auto asked = journeys.Update(Target(journey, "status_code: " + std::to_string(Code(kGoingLive))));
    ASSERT_TRUE(asked.ok()) << asked.ending;
    ASSERT_TRUE(Eventually([&] { return StatusOf(url, journey) == kLive; }, std::chrono::seconds(20)));
    EXPECT_EQ(journeys.Delete(Target(journey)).ending.reason, "INVALID_STATE");
    EXPECT_EQ(journeys.Update(Target(journey, "name: 'x'")).ending.reason, "CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY");
  }
  TestServer server(url);
  for (const std::string table : kTables) {
    const std::string comment = Installed(url, table, "obj_description(p.oid, 'pg_proc')");
    EXPECT_TRUE(comment.starts_with("version ")) << comment;
  }
  EXPECT_TRUE(SessionClient(server.channel()).Create("target { " + kSession + " }").ok());
}

TEST(StoredFunction, IsTheOneOfTheVersionBefore) {
  const char* previous = std::getenv("JOURNEYFEED_PREVIOUS_SERVER");
  if (previous == nullptr) GTEST_SKIP() << "tests/rollout/rollout gives the binary of the version before";
  const std::string url = TheService().postgres.CreateDatabase("previous");
  TestServer server(url, {}, previous);
  for (const std::string table : kTables) {
    const std::string text = Installed(url, table, "pg_get_functiondef(p.oid)");
    if (std::getenv("JOURNEYFEED_STORE_FUNCTIONS") != nullptr) std::ofstream(PathOf(table)) << text;
    EXPECT_EQ(Stored(table), text);
  }
}

}  // namespace
}  // namespace journeyfeed::testing
