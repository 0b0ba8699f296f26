// Data tokens and session tokens that were issued for something else, or not at all.
#include <gtest/gtest.h>

#include "tests/integration/bad_input.h"
#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

constexpr const char* kFeedToken = "FEED_TOKEN_INVALID";
constexpr const char* kSessionToken = "SESSION_TOKEN_INVALID";
constexpr const char* kView = "FEED_TOKEN_VIEW_MISMATCH";

std::string SessionTokenOf(const std::string& id) {
  return Sessions().Update(Target(id, "name: 'x'"))->session_token();
}

std::string Changes(const std::string& token) { return "data_version: " + Quote(token) + " "; }

// A token from the middle of an initial load.
std::string LoadToken(const std::string& more = "") {
  MakeSession("partition_id: 'loaded'");
  MakeSession("partition_id: 'loaded'");
  SessionChanges load(TheService().server.channel(), "max_changes_per_message: 1 " + more);
  load.Next();
  return load.token();
}

// Every byte changed, removed or added: none of the results is a token.
std::vector<std::string> Damaged(const std::string& token) {
  std::vector<std::string> damaged;
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'z', '_'}) {
      if (token[i] == c) continue;
      damaged.push_back(token);
      damaged.back()[i] = c;
      break;
    }
  }
  damaged.push_back(token.substr(1));
  damaged.push_back(token.substr(0, token.size() - 1));
  damaged.push_back(token.substr(0, token.size() / 2));
  damaged.push_back(token + "A");
  damaged.push_back(token + "=");
  damaged.push_back(" " + token);
  damaged.push_back(token + token);
  for (const char* none : {"A", "0", "AAAA", "!", "%00", "17"}) damaged.push_back(none);
  damaged.push_back(std::string(100'000, 'A'));
  return damaged;
}

TEST(BadTokens, DamagedDataTokens) {
  std::vector<BadCase> cases;
  for (const std::string& real : {SessionHead(), LoadToken(), LoadToken("partition_id: 'loaded'")}) {
    for (const std::string& token : Damaged(real)) {
      cases.push_back({token.substr(0, 120), "s.RetrieveEntityChanges", Changes(token), kFeedToken, "data_version"});
      cases.push_back({token.substr(0, 120), "s.RetrieveChangeWindow", Changes(token), kFeedToken, "data_version"});
    }
  }
  ExpectRefused(cases);
}

TEST(BadTokens, DamagedSessionTokens) {
  const std::string id = MakeSession();
  std::vector<BadCase> cases;
  for (const std::string& token : Damaged(SessionTokenOf(id))) {
    cases.push_back({token.substr(0, 120), "s.Retrieve", Target(id) + "session_token: " + Quote(token), kSessionToken,
                     "session_token"});
    cases.push_back({token.substr(0, 120), "s.RetrieveEntityChanges", "session_token: " + Quote(token), kSessionToken,
                     "session_token"});
  }
  ExpectRefused(cases);
}

TEST(BadTokens, TokensOfOtherPurposes) {
  const std::string session = MakeSession();
  const std::string journey = MakeJourney();
  const std::string of_session = SessionHead();
  const std::string of_journey = JourneyHead();
  const std::string written = SessionTokenOf(session);
  ExpectRefused({
      {"journey's", "s.RetrieveEntityChanges", Changes(of_journey), kFeedToken, "data_version"},
      {"session's", "j.RetrieveEntityChanges", Changes(of_session), kFeedToken, "data_version"},
      {"of a write", "s.RetrieveEntityChanges", Changes(written), kFeedToken, "data_version"},
      {"of the feed", "s.Retrieve", Target(session) + "session_token: " + Quote(of_session), kSessionToken,
       "session_token"},
      {"session's", "j.Retrieve", Target(journey) + "session_token: " + Quote(written), kSessionToken, "session_token"},
  });
}

TEST(BadTokens, TokensOfOtherViews) {
  const std::string all = SessionHead();
  const std::string names = SessionHead(TheService().server.channel(), "columns { paths: 'name' }");
  const std::string part = SessionHead(TheService().server.channel(), "partition_id: 'a'");
  const std::string journeys = JourneyHead();
  const char* method = "s.RetrieveEntityChanges";
  ExpectRefused({
      {"all, names", method, Changes(all) + "columns { paths: 'name' }", kView, "data_version"},
      {"names, all", method, Changes(names), kView, "data_version"},
      {"names, others", method, Changes(names) + "columns { paths: 'session' }", kView, "data_version"},
      {"all, partition", method, Changes(all) + "partition_id: 'a'", kView, "data_version"},
      {"partition, all", method, Changes(part), kView, "data_version"},
      {"partition, other", method, Changes(part) + "partition_id: 'b'", kView, "data_version"},
      {"load, names", method, Changes(LoadToken()) + "columns { paths: 'name' }", kView, "data_version"},
      {"all, names", "j.RetrieveEntityChanges", Changes(journeys) + "columns { paths: 'name' }", kView, "data_version"},
  });
  ExpectAccepted({
      {"same", method, Changes(names) + "columns { paths: 'msdynmkt_name' paths: 'name' }"},
      {"all by name", method, Changes(all) + "columns { paths: '*' }"},
      {"partition", method, Changes(part) + "partition_id: 'a'"},
  });
}

TEST(BadTokens, TokensOfOtherDatabases) {
  auto& service = TheService();
  TestServer other(service.postgres.CreateDatabase("other"));
  SessionClient client(other.channel());
  const auto created = client.Create("target { " + kSession + " }");
  ASSERT_TRUE(created.ok()) << created.ending;
  const std::string id = MakeSession();
  ExpectRefused({
      {"data", "s.RetrieveEntityChanges", Changes(SessionHead(other.channel())), kFeedToken, "data_version"},
      {"session", "s.Retrieve", Target(id) + "session_token: " + Quote(created->session_token()), kSessionToken,
       "session_token"},
  });
}

// Two copies of one database: same keys, same history. The second one has never seen what the first one writes next.
TEST(BadTokens, TokensOfTheFuture) {
  auto& postgres = TheService().postgres;
  const std::string first_url = postgres.CreateDatabase("first");
  std::string id;
  {
    TestServer server(first_url);
    id = SessionClient(server.channel()).Create("target { " + kSession + " }")->id();
    ASSERT_EQ(server.process().Terminate(), 0);
  }
  Query(postgres.url(), "create database second template first");
  TestServer first(first_url);
  TestServer second(postgres.url("second"));

  const auto written = SessionClient(first.channel()).Update(Target(id, "name: 'lost'"));
  ASSERT_TRUE(written.ok()) << written.ending;
  const std::string before = StateOf(postgres.url("second"));

  const auto read =
      SessionClient(second.channel()).Retrieve(Target(id) + "session_token: " + Quote(written->session_token()));
  EXPECT_EQ(read.ending.code, grpc::StatusCode::FAILED_PRECONDITION) << read.ending;
  EXPECT_EQ(read.ending.reason, "FEED_HISTORY_CHANGED");
  SessionChanges changes(second.channel(), Changes(SessionHead(first.channel())));
  EXPECT_FALSE(changes.Next());
  EXPECT_EQ(changes.End().code, grpc::StatusCode::FAILED_PRECONDITION) << changes.End();
  EXPECT_EQ(changes.End().reason, "FEED_HISTORY_CHANGED");
  ExpectFullError(changes.End());
  EXPECT_EQ(StateOf(postgres.url("second")), before);

  // Also after the second one has written as much itself.
  ASSERT_TRUE(SessionClient(second.channel()).Update(Target(id, "name: 'other'")).ok());
  SessionChanges again(second.channel(), Changes(SessionHead(first.channel())));
  EXPECT_FALSE(again.Next());
  EXPECT_EQ(again.End().reason, "FEED_HISTORY_CHANGED") << again.End();
}

}  // namespace
}  // namespace journeyfeed::testing
