// Columns that may not be set, must be set, or do not exist.
#include <gtest/gtest.h>

#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

constexpr const char* kInvalidCreate = "UN_MANAGED_IDS_XML_INVALID_CREATE";
constexpr const char* kInvalidUpdate = "UN_MANAGED_IDS_XML_INVALID_UPDATE";

struct ReadOnly {
  std::string column;
  std::string value;
};

std::vector<ReadOnly> ReadOnlyColumns(const std::string& entity) {
  std::vector<ReadOnly> columns = {
      {"created_on", "{ seconds: 1 }"}, {"modified_on", "{ seconds: 1 }"}, {"version_number", ": 1"}};
  for (const std::string user : {"created_by", "created_on_behalf_by", "modified_by", "modified_on_behalf_by"}) {
    columns.push_back({user, ": '6628bbf7-c52a-e911-a9b7-000d3a1e6adc'"});
  }
  if (entity == "s.") return columns;
  columns.push_back({"form_to_save", ": true"});
  for (const std::string text : {"owner_id_name", "owner_id_yomi_name"}) columns.push_back({text, ": 'n'"});
  for (const std::string lookup : {"owning_business_unit", "owning_team", "owning_user"}) {
    columns.push_back({lookup, ": '6628bbf7-c52a-e911-a9b7-000d3a1e6adc'"});
  }
  return columns;
}

TEST(BadColumns, ReadOnlyOnesAreRefused) {
  std::vector<BadCase> cases;
  for (const std::string entity : {"s.", "j."}) {
    const std::string id = entity == "s." ? MakeSession() : MakeJourney();
    const std::string columns = entity == "s." ? kSession : " name: 'n' ";
    for (const auto& [column, value] : ReadOnlyColumns(entity)) {
      const std::string set = column + value;
      cases.push_back(
          {column, entity + "Create", "target { " + columns + set + " }", kInvalidCreate, "target." + column});
      cases.push_back({column, entity + "Update", Target(id, set), kInvalidUpdate, "target." + column});
      cases.push_back({column, entity + "Upsert", Target(id, columns + set), kInvalidUpdate, "target." + column});
      cases.push_back({column + " in the mask", entity + "Update",
                       Target(id, set) + "update_mask { paths: 'name' paths: '" + column + "' }", kInvalidUpdate,
                       "update_mask.paths[1]"});
    }
    const std::string created = "overridden_created_on { seconds: 1 }";
    cases.push_back(
        {"only for Create", entity + "Update", Target(id, created), kInvalidUpdate, "target.overridden_created_on"});
    cases.push_back({"only for Create", entity + "Upsert", Target(id, columns + created), kInvalidUpdate,
                     "target.overridden_created_on"});
  }
  ExpectRefused(cases);
}

TEST(BadColumns, ReadOnlyOnesThatTheMaskDoesNotNameAreIgnored) {
  ExpectAccepted({
      {"session", "s.Update",
       Target(MakeSession(), "name: 'x' version_number: 1 created_on { nanos: -1 }") + "update_mask { paths: 'name' }"},
      {"journey", "j.Update",
       Target(MakeJourney(), "name: 'x' version_number: 1 owner_id_name: 'n'") + "update_mask { paths: 'name' }"},
  });
}

TEST(BadColumns, RequiredOnesMustBeThere) {
  const std::string reason = "REQUIRED_FIELD_MISSING";
  const std::string session = MakeSession();
  const std::string journey = MakeJourney();
  std::vector<BadCase> cases = {
      {"no name", "j.Create", "target { description: 'd' }", reason, "target.name"},
      {"no name, no record", "j.Upsert", Target(NewId(), "description: 'd'"), reason, "target.name"},
      {"name cleared", "j.Update", Target(journey) + "update_mask { paths: 'name' }", reason, "target.name"},
      {"name cleared", "j.Upsert", Target(journey) + "update_mask { paths: 'name' }", reason, "target.name"},
      {"status cleared", "j.Update", Target(journey) + "update_mask { paths: 'status_code' }", reason,
       "target.status_code"},
      {"owner cleared", "j.Update", Target(journey) + "update_mask { paths: 'owner_id' }", reason, "target.owner_id"},
      {"name cleared by *", "j.Update", Target(journey) + "update_mask { paths: '*' }", reason, "target.name"},
  };
  for (const std::string missing : {"name", "journey_run_id", "session"}) {
    std::string columns;
    for (const std::string column : {"name", "journey_run_id", "session"}) {
      if (column != missing) columns += column + ": 'x' ";
    }
    cases.push_back({"without " + missing, "s.Create", "target { " + columns + " }", reason, "target." + missing});
    cases.push_back({"without " + missing, "s.Upsert", Target(session, columns), reason, "target." + missing});
    cases.push_back({missing + " cleared", "s.Update", Target(session) + "update_mask { paths: '" + missing + "' }",
                     reason, "target." + missing});
  }
  ExpectRefused(cases);
}

TEST(BadColumns, NothingToCreateFrom) {
  ExpectRefused({
      {"no target", "s.Create", "", "REQUIRED_FIELD_MISSING", "target.name"},
      {"no target", "j.Create", "", "REQUIRED_FIELD_MISSING", "target.name"},
      {"no target", "s.Upsert", "", "REQUIRED_FIELD_MISSING", "target.id"},
      {"no target", "j.Upsert", "", "REQUIRED_FIELD_MISSING", "target.id"},
      {"no target", "s.Update", "", "REQUIRED_FIELD_MISSING", "target.id"},
      {"no target", "j.Update", "", "REQUIRED_FIELD_MISSING", "target.id"},
      {"no target", "s.Retrieve", "", "REQUIRED_FIELD_MISSING", "target"},
      {"no target", "j.Retrieve", "", "REQUIRED_FIELD_MISSING", "target"},
      {"no target", "s.Delete", "", "REQUIRED_FIELD_MISSING", "target"},
      {"no target", "j.Delete", "", "REQUIRED_FIELD_MISSING", "target"},
  });
}

TEST(BadColumns, UnknownOnesInMasks) {
  const std::string session = MakeSession();
  const std::string journey = MakeJourney();
  std::vector<BadCase> cases;
  for (const std::string path : {"nothing", "", "target.name", "name.x", "msdyncrm_session", "name,session", "Name"}) {
    const std::string mask = " { paths: 'name' paths: '" + path + "' }";
    const std::string reason = "QUERY_BUILDER_NO_ATTRIBUTE";
    cases.push_back(
        {path, "s.Update", Target(session, "name: 'x'") + "update_mask" + mask, reason, "update_mask.paths[1]"});
    cases.push_back(
        {path, "j.Update", Target(journey, "name: 'x'") + "update_mask" + mask, reason, "update_mask.paths[1]"});
    cases.push_back(
        {path, "j.Upsert", Target(journey, "name: 'x'") + "update_mask" + mask, reason, "update_mask.paths[1]"});
    for (const std::string entity : {"s.", "j."}) {
      const std::string& id = entity == "s." ? session : journey;
      cases.push_back({path, entity + "Retrieve", Target(id) + "columns" + mask, reason, "columns.paths[1]"});
      cases.push_back({path, entity + "RetrieveEntityChanges", "columns" + mask, reason, "columns.paths[1]"});
    }
  }
  ExpectRefused(cases);
}

TEST(BadColumns, LogicalNamesInMasksAreAccepted) {
  ExpectAccepted({
      {"session", "s.Update", Target(MakeSession(), "name: 'x'") + "update_mask { paths: 'msdynmkt_name' }"},
      {"session", "s.Retrieve", Target(MakeSession()) + "columns { paths: 'msdynmkt_session' paths: 'ttlinseconds' }"},
      {"session", "s.RetrieveEntityChanges", "columns { paths: 'msdynmkt_name' } max_changes: 1"},
      {"journey", "j.Update",
       Target(MakeJourney(), "name: 'x'") + "update_mask { paths: 'msdyncrm_name' paths: 'name' }"},
      {"journey", "j.Retrieve", Target(MakeJourney()) + "columns { paths: 'statuscode' paths: 'owneridname' }"},
  });
}

// A session's Upsert no longer has a mask field: the number is reserved, and a request that uses it is refused.
TEST(BadColumns, ThousandsOfViolationsFitTheDetails) {
  const std::string id = MakeJourney();
  const std::string before = StateOf(TheService().database_url);
  std::string request = Target(id, "name: 'x'") + "update_mask {";
  for (int i = 0; i < 10'000; ++i) request += " paths: 'unknown_" + std::to_string(i) + "'";
  const auto answer = CallRaw(TheService().server.channel(), PathOf("j.Update"), Encode("j.Update", request + " }"));
  EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(answer.ending.reason, "QUERY_BUILDER_NO_ATTRIBUTE");
  EXPECT_EQ(answer.ending.metadata.at("violations_total"), "10000");
  EXPECT_GT(answer.ending.violations.size(), 20u);
  EXPECT_EQ(answer.ending.violations.at(0).field, "update_mask.paths[0]");
  ExpectFullError(answer.ending);
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

}  // namespace
}  // namespace journeyfeed::testing
