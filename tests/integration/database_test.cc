// Databases that do not exist yet, are too new, have special settings, or are shared with another server.
#include <gtest/gtest.h>

#include <cstdlib>

#include "storage/dictionary/dictionary.h"
#include "tests/integration/streams.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

TEST(Database, DownAtTheStartIsWaitedFor) {
  TestPostgres postgres;
  postgres.Stop();
  ServerProcess server({"--database-url", postgres.url()});
  const auto channel = Connect(server.address());
  EXPECT_FALSE(IsServing(channel));
  EXPECT_TRUE(IsServing(channel, "live")) << "a restart would not bring the database";
  EXPECT_FALSE(IsServing(channel, "journeyfeed.journeyrunsession.v1.JourneyRunSessionService"));
  SessionClient sessions(channel);
  JourneyClient journeys(channel);
  const std::string id = NewId();
  SessionChanges changes(channel, "");
  SessionChanges resumed(channel, "data_version: 'AAAA'");
  changes.ReadAll();
  resumed.ReadAll();
  for (const Ending& ending :
       {sessions.Create("target { " + kSession + " }").ending, sessions.Retrieve(Target(id)).ending,
        sessions.Retrieve(Target(id) + "session_token: 'AAAA'").ending, sessions.Update(Target(id, "name: 'x'")).ending,
        sessions.Upsert(Target(id, kSession)).ending, sessions.Delete(Target(id)).ending,
        journeys.Create("target { name: 'n' }").ending, changes.End(), resumed.End()}) {
    EXPECT_EQ(ending.code, grpc::StatusCode::UNAVAILABLE) << ending;
    EXPECT_EQ(ending.reason, "SERVICE_UNAVAILABLE");
    EXPECT_TRUE(ending.retry_after) << ending;
  }
  EXPECT_EQ(sessions.Create("").ending.code, grpc::StatusCode::INVALID_ARGUMENT)
      << "what is wrong is wrong without a database too";

  postgres.Start();
  ASSERT_TRUE(Eventually([&] { return IsServing(channel); }, std::chrono::seconds(60))) << server.log();
  EXPECT_TRUE(sessions.Create("target { " + kSession + " }").ok());
}

TEST(Database, OfANewerSchemaIsRefused) {
  const std::string url = TheService().postgres.CreateDatabase("newer");
  { TestServer server(url); }
  Query(url, "insert into journeyfeed.schema_migration (version, name, checksum) values (9999, 'later', '')");
  try {
    ServerProcess server({"--database-url", url});
    EXPECT_EQ(server.Wait(std::chrono::seconds(60)), 1);
    EXPECT_NE(server.log().find("newer than this server"), std::string::npos) << server.log();
  } catch (const std::runtime_error& early) {  // it ended before its port file
    EXPECT_NE(std::string(early.what()).find("ended with 1"), std::string::npos) << early.what();
    EXPECT_NE(std::string(early.what()).find("newer than this server"), std::string::npos) << early.what();
  }
}

// A failover while a newer version is being rolled out: all servers of the older version reconnect at once, and would
// all end.
TEST(Database, OfANewerSchemaIsServedOnByAServerThatKnewIt) {
  TestPostgres postgres;
  const std::string url = postgres.CreateDatabase("newer");
  TestServer server(url);
  Query(url, "insert into journeyfeed.schema_migration (version, name, checksum) values (9999, 'later', '')");
  for (int restarts = 0; restarts < 2; ++restarts) {
    postgres.Restart();
    ASSERT_TRUE(Eventually([&] { return SessionClient(server.channel()).Create("target { " + kSession + " }").ok(); },
                           std::chrono::seconds(30)))
        << server.process().log();
  }
  EXPECT_TRUE(server.process().Alive());
}

// A migration that ran with another text: the state of the schema is unknown.
TEST(Database, OfAChangedMigrationIsRefused) {
  const std::string url = TheService().postgres.CreateDatabase("changed");
  { TestServer server(url); }
  Query(url, "update journeyfeed.schema_migration set checksum = 'x' where version = 1");
  try {
    ServerProcess server({"--database-url", url});
    EXPECT_EQ(server.Wait(std::chrono::seconds(60)), 1);
  } catch (const std::runtime_error& early) {
    EXPECT_NE(std::string(early.what()).find("ended with 1"), std::string::npos) << early.what();
  }
}

// Settings of connections in the database and in libpq's environment; those of a role are of the same kind.
TEST(Database, WithSettingsOfItsOwnStoresTextAndTimesAsTheyWereSent) {
  const std::string url = TheService().postgres.CreateDatabase("strange");
  for (const char* setting : {"client_encoding = 'LATIN1'", "datestyle = 'German, DMY'", "timezone = 'Asia/Kathmandu'",
                              "bytea_output = 'escape'", "standard_conforming_strings = off",
                              "extra_float_digits = -15", "search_path = 'strange'",
                              "default_transaction_isolation = 'serializable'", "default_transaction_read_only = on"}) {
    Query(TheService().postgres.url(), std::string("alter database strange set ") + setting);
  }
  const std::pair<const char*, const char*> environment[] = {{"PGCLIENTENCODING", "LATIN1"},
                                                             {"PGTZ", "Asia/Kathmandu"},
                                                             {"PGDATESTYLE", "German, DMY"},
                                                             {"PGOPTIONS", "-c bytea_output=escape"}};
  for (const auto& [name, value] : environment) setenv(name, value, 1);
  TestServer server(url);
  for (const auto& [name, value] : environment) unsetenv(name);

  SessionClient sessions(server.channel());
  const std::string id = NewId();
  ASSERT_TRUE(sessions.Upsert(Target(id, "name: 'Äpfel €' journey_run_id: 'r' session: '日本\\\\n'")).ok());
  EXPECT_EQ(sessions.Get(id).name(), "Äpfel €");
  EXPECT_EQ(sessions.Get(id).session(), "日本\\n");
  EXPECT_EQ(Query(url,
                  "select convert_to(name, 'UTF8') = decode('c384706665 6c20e282ac', 'hex') from"
                  " journeyfeed.journey_run_session"),
            "t");
  JourneyClient journeys(server.channel());
  const auto made = journeys.Create("target { name: 'n' start_date_time { seconds: 1717243200 nanos: 250000000 } }");
  ASSERT_TRUE(made.ok()) << made.ending;
  const auto read = journeys.Get(made->id());
  EXPECT_EQ(read.start_date_time().seconds(), 1717243200);
  EXPECT_EQ(read.start_date_time().nanos(), 250000000);
  SessionChanges changes(server.channel(), "");
  const auto seen = changes.Await([](const auto& response) { return response.changes_size() > 0; });
  ASSERT_TRUE(seen) << changes.End();
  EXPECT_EQ(seen->changes(0).new_or_updated_entity().name(), "Äpfel €");
}

TEST(Database, IsMigratedOnceByServersThatStartTogether) {
  const std::string url = TheService().postgres.CreateDatabase("together");
  ServerProcess first({"--database-url", url});
  ServerProcess second({"--database-url", url});
  for (const auto* server : {&first, &second}) {
    const auto channel = Connect(server->address());
    ASSERT_TRUE(Eventually([&] { return IsServing(channel); }, std::chrono::seconds(60))) << server->log();
    EXPECT_TRUE(SessionClient(channel).Create("target { " + kSession + " }").ok());
  }
  EXPECT_EQ(Query(url, "select count(*) from journeyfeed.feed_history"),
            std::to_string(dictionary::AllEntities().size()));
}

TEST(Database, SharedByTwoServersShowsEachTheOthersChanges) {
  const std::string url = TheService().postgres.CreateDatabase("two");
  TestServer first(url);
  TestServer second(url);
  SessionClient writer(first.channel());
  SessionChanges follower(second.channel(), "follow: true skip_initial_load: true");
  ASSERT_TRUE(follower.Next());
  const std::string id = NewId();
  for (const char* name : {"one", "two", "three"}) {
    const auto written =
        writer.Upsert(Target(id, "name: '" + std::string(name) + "' journey_run_id: 'r' session: 's'"));
    const auto read =
        SessionClient(second.channel()).Retrieve(Target(id) + "session_token: " + Quote(written->session_token()));
    EXPECT_EQ(read->entity().name(), name) << read.ending;
    const auto seen = follower.Await([](const auto& response) { return response.changes_size() > 0; });
    ASSERT_TRUE(seen) << follower.End();
    EXPECT_EQ(seen->changes(0).new_or_updated_entity().name(), name);
    EXPECT_EQ(seen->changes(0).version_number(), written->version_number());
  }
  // Tokens of one server are valid at the other.
  ASSERT_TRUE(SessionClient(second.channel()).Delete(Target(id)).ok());
  SessionChanges resumed(first.channel(), "data_version: " + Quote(follower.token()));
  const auto seen = resumed.Next();
  ASSERT_TRUE(seen) << resumed.End();
  EXPECT_EQ(seen->changes(0).removed_item().id(), id);
  // And so are request ids.
  const std::string text = "target { " + kSession + " } request_id: " + Quote(NewId());
  EXPECT_EQ(SessionClient(first.channel()).Create(text)->id(), SessionClient(second.channel()).Create(text)->id());
}

}  // namespace
}  // namespace journeyfeed::testing
