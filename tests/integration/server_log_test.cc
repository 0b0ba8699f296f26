#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

std::vector<nlohmann::json> Lines(const std::string& log) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(log);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(nlohmann::json::parse(line, nullptr, false));
    EXPECT_TRUE(lines.back().is_object()) << "no JSON: " << line;
  }
  return lines;
}

// A server with the most verbose log that receives everything that may be secret, in good and bad calls.
class ServerLog : public ::testing::Test {
 protected:
  void SetUp() override {
    TestServer server(
        TheService().postgres.CreateDatabase("logged_" + std::to_string(++databases_)) + " password=SECRET-PASSWORD",
        {"--log-level", "debug"});
    SessionClient sessions(server.channel());
    JourneyClient journeys(server.channel());
    const auto created = sessions.Create("target { name: 'n' journey_run_id: 'r' session: 'SECRET-SESSION' }",
                                         {{"x-correlation-id", "marked-1"}});
    ASSERT_TRUE(created.ok()) << created.ending;
    tokens_.push_back(created->session_token());
    sessions.Create("target { id: 'x' session: 'SECRET-SESSION' name: 'a\\000' }", {{"x-correlation-id", "marked-2"}});
    sessions.Create("target { " + kSession + " } request_id: 'SECRET-REQUEST'");
    journeys.Create(
        "target { name: 'n' workflow_definition: 'SECRET-DEFINITION' customer_journey_designer_state: 'SECRET-STATE' "
        "}");
    journeys.Create(
        "target { workflow_definition: 'SECRET-DEFINITION' description: 'SECRET-DESCRIPTION' entity_target: 9 }");
    sessions.Retrieve(Target(created->id()) + "session_token: 'SECRET-TOKEN'");
    sessions.Retrieve(Target(created->id()) + "session_token: " + Quote(created->session_token()));
    CallRaw(server.channel(), "/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/Create", "SECRET-GARBAGE");
    SessionChanges changes(server.channel(), "", {{"x-correlation-id", "marked-3"}});
    changes.ReadAll();
    tokens_.push_back(changes.token());
    SessionChanges(server.channel(), "data_version: " + Quote(changes.token())).ReadAll();
    SessionChanges(server.channel(), "data_version: 'SECRET-TOKEN'").ReadAll();
    ASSERT_EQ(server.process().Terminate(), 0);
    log_ = server.process().log();
  }

  std::string log_;
  std::vector<std::string> tokens_;
  static inline int databases_ = 0;
};

TEST_F(ServerLog, IsJsonAndNamesEachCall) {
  std::map<std::string, nlohmann::json> marked;
  for (const auto& line : Lines(log_)) {
    for (const char* member : {"ts", "level", "msg"}) EXPECT_TRUE(line.contains(member)) << line;
    if (line.value("msg", "") != "call") continue;
    EXPECT_FALSE(line.value("correlation_id", "").empty()) << line;
    EXPECT_TRUE(line.contains("duration_ms")) << line;
    marked[line.value("correlation_id", "")] = line;
  }
  EXPECT_EQ(marked["marked-1"].value("code", ""), "OK");
  EXPECT_EQ(marked["marked-1"].value("method", ""), "journeyfeed.journeyrunsession.v1.JourneyRunSessionService/Create");
  EXPECT_EQ(marked["marked-2"].value("code", ""), "INVALID_ARGUMENT");
  EXPECT_EQ(marked["marked-2"].value("reason", ""), "INVALID_ARGUMENT");
  EXPECT_EQ(marked["marked-3"].value("code", ""), "OK");
}

TEST_F(ServerLog, KeepsSecrets) {
  EXPECT_EQ(log_.find("SECRET"), std::string::npos)
      << log_.substr(log_.find("SECRET") - std::min<std::size_t>(log_.find("SECRET"), 300), 400);
  for (const std::string& token : tokens_) {
    EXPECT_FALSE(token.empty());
    EXPECT_EQ(log_.find(token.substr(0, 24)), std::string::npos);
  }
}

}  // namespace
}  // namespace journeyfeed::testing
