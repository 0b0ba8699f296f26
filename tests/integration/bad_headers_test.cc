// ETags, request ids and request metadata.
#include <gtest/gtest.h>

#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

TEST(BadHeaders, ETags) {
  const std::string session = MakeSession();
  const std::string journey = MakeJourney();
  std::vector<BadCase> cases;
  for (const std::string tag :
       {"x", "-1", "1.5", "0x11", "W/17", "\"17", "17\"", "\"\"", "\"\"17\"\"", "\"*\"", "W/\"x\"", "W/\"\"", "W/\"17",
        "9223372036854775808", "**", " *", "17 ", "17,18", "\\000"}) {
    const std::string if_match = " if_match: '" + tag + "'";
    const std::string if_none_match = " if_none_match: '" + tag + "'";
    cases.push_back({tag, "s.Update", Target(session, "name: 'x'") + if_match, "INVALID_ARGUMENT", "if_match"});
    cases.push_back({tag, "s.Upsert", Target(session, kSession) + if_match, "INVALID_ARGUMENT", "if_match"});
    cases.push_back({tag, "s.Upsert", Target(session, kSession) + if_none_match, "INVALID_ARGUMENT", "if_none_match"});
    cases.push_back({tag, "s.Delete", Target(session) + if_match, "INVALID_ARGUMENT", "if_match"});
    cases.push_back({tag, "s.Retrieve", Target(session) + if_none_match, "INVALID_ARGUMENT", "if_none_match"});
    cases.push_back({tag, "j.Update", Target(journey, "name: 'x'") + if_match, "INVALID_ARGUMENT", "if_match"});
    cases.push_back(
        {tag, "j.Upsert", Target(journey, "name: 'x'") + if_none_match, "INVALID_ARGUMENT", "if_none_match"});
    cases.push_back({tag, "j.Delete", Target(journey) + if_match, "INVALID_ARGUMENT", "if_match"});
    cases.push_back({tag, "j.Retrieve", Target(journey) + if_none_match, "INVALID_ARGUMENT", "if_none_match"});
  }
  // Only Retrieve accepts a version here.
  cases.push_back(
      {"17", "s.Upsert", Target(session, kSession) + "if_none_match: '17'", "INVALID_ARGUMENT", "if_none_match"});
  cases.push_back(
      {"17", "j.Upsert", Target(journey, "name: 'x'") + "if_none_match: '17'", "INVALID_ARGUMENT", "if_none_match"});
  ExpectRefused(cases);
}

TEST(BadHeaders, RequestIds) {
  const std::string session = MakeSession();
  const std::string journey = MakeJourney();
  std::vector<BadCase> cases;
  for (const std::string id : {"x", "17", "6628bbf7-c52a-e911-a9b7-000d3a1e6ad", "{}"}) {
    const std::string request_id = " request_id: '" + id + "'";
    for (const std::string entity : {"s.", "j."}) {
      const std::string& record = entity == "s." ? session : journey;
      const std::string columns = entity == "s." ? kSession : " name: 'n' ";
      cases.push_back(
          {id, entity + "Create", "target { " + columns + " }" + request_id, "INVALID_ARGUMENT", "request_id"});
      cases.push_back({id, entity + "Update", Target(record, columns) + request_id, "INVALID_ARGUMENT", "request_id"});
      cases.push_back({id, entity + "Upsert", Target(record, columns) + request_id, "INVALID_ARGUMENT", "request_id"});
      cases.push_back({id, entity + "Delete", Target(record) + request_id, "INVALID_ARGUMENT", "request_id"});
    }
  }
  ExpectRefused(cases);
}

TEST(BadHeaders, RequestIdsOfOtherRequests) {
  const std::string id = MakeSession();
  const std::string journey = MakeJourney();
  const std::string create = NewId(), update = NewId(), upsert = NewId(), erase = NewId(), of_journey = NewId();
  const auto with = [](const std::string& request_id) { return " request_id: " + Quote(request_id); };
  ExpectAccepted({
      {"first", "s.Create", "target { " + kSession + " }" + with(create)},
      {"first", "s.Update", Target(id, "name: 'x'") + with(update)},
      {"first", "s.Upsert", Target(id, kSession) + with(upsert)},
      {"first", "s.Delete", Target(MakeSession()) + with(erase)},
      {"first", "j.Update", Target(journey, "name: 'x'") + with(of_journey)},
  });
  ExpectRefused({
      {"again", "s.Create", "target { " + kSession + " ttl_in_seconds: 5 }" + with(create), "REQUEST_ID_REUSED", ""},
      {"again", "s.Update", Target(id, "name: 'y'") + with(update), "REQUEST_ID_REUSED", ""},
      {"again", "s.Upsert", Target(id, kSession + "ttl_in_seconds: 5") + with(upsert), "REQUEST_ID_REUSED", ""},
      {"again", "s.Delete", Target(id) + with(erase), "REQUEST_ID_REUSED", ""},
      {"again", "j.Update", Target(journey, "name: 'y'") + with(of_journey), "REQUEST_ID_REUSED", ""},
  });
}

TEST(BadHeaders, Users) {
  auto& service = TheService();
  const std::string session = MakeSession();
  const std::string journey = MakeJourney();
  const std::string before = StateOf(service.database_url);
  const std::string id = NewId();
  struct {
    Headers headers;
    std::vector<std::string> fields;
  } const cases[] = {{{{"x-user-id", "nobody"}}, {"x-user-id"}},
                     {{{"x-user-id", ""}}, {"x-user-id"}},
                     {{{"x-on-behalf-of", id.substr(1)}}, {"x-on-behalf-of"}},
                     {{{"x-user-id", "1"}, {"x-on-behalf-of", "2"}}, {"x-user-id", "x-on-behalf-of"}},
                     {{{"x-user-id", id}, {"x-user-id", id}}, {"x-user-id"}}};
  for (const std::string& method : AllMethods()) {
    const std::string& record = method[0] == 's' ? session : journey;
    const std::string columns = method[0] == 's' ? kSession : " name: 'n' ";
    const bool reference = method.ends_with("Retrieve") || method.find("RetrieveJourney") != std::string::npos ||
                           method.find("Delete") != std::string::npos;
    const std::string target = Target(record, reference ? "" : columns);
    const std::string request = method.ends_with("Changes")                  ? "max_changes: 1"
                                : method.ends_with("Window")                 ? ""
                                : method.ends_with("Validate")               ? "field_value_name: 'n'"
                                : method.find("GetAll") != std::string::npos ? ""
                                : method.ends_with("RetrieveMultiple")       ? "page_size: 1"
                                : method.ends_with("BulkDelete")             ? "all: true dry_run: true"
                                : method.ends_with("StateTransition")        ? "entity { id: '" + journey + "' }"
                                : method.ends_with("CreateMultiple")         ? "targets { " + columns + " }"
                                : method.ends_with("Multiple")               ? "targets { " + target + " }"
                                : method.ends_with("Create")                 ? "target { " + columns + " }"
                                                                             : target;
    for (const auto& bad : cases) {
      SCOPED_TRACE(method + " " + bad.headers.at(0).first + ": " + bad.headers.at(0).second);
      const auto answer = CallRaw(service.server.channel(), PathOf(method), Encode(method, request), bad.headers);
      EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_EQ(answer.ending.reason, "INVALID_ARGUMENT");
      EXPECT_EQ(answer.ending.violations.size(), bad.fields.size());
      for (const std::string& field : bad.fields) EXPECT_TRUE(answer.ending.Violates(field)) << answer.ending;
      ExpectFullError(answer.ending);
    }
  }
  EXPECT_EQ(StateOf(service.database_url), before);
}

}  // namespace
}  // namespace journeyfeed::testing
