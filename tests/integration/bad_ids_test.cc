// Ids, lookups and partitions.
#include <gtest/gtest.h>

#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

const char* const kMethodsWithId[] = {"Retrieve", "Update", "Upsert", "Delete"};
const char* const kNoUuids[] = {"x",
                                "6628bbf7c52ae911a9b7000d3a1e6adc",
                                "6628bbf7-c52a-e911-a9b7-000d3a1e6adg",
                                "6628bbf7-c52a-e911-a9b7-000d3a1e6adc0",
                                "{6628bbf7-c52a-e911-a9b7-000d3a1e6adc",
                                "(6628bbf7-c52a-e911-a9b7-000d3a1e6adc)",
                                "6628bbf7-c52a-e911-a9b7-000d3a1e6adc\n",
                                " 6628bbf7-c52a-e911-a9b7-000d3a1e6adc"};

TEST(BadIds, WrongAndMissingIdsAreRefusedEverywhere) {
  std::vector<BadCase> cases;
  for (const std::string key : {"s.", "j."}) {
    for (const std::string method : kMethodsWithId) {
      const std::string rest = method != "Upsert" || key == "j." ? "" : kSession;
      const std::string columns = method == "Update" || (method == "Upsert" && key == "j.") ? " name: 'n' " : rest;
      for (const std::string id : kNoUuids) {
        cases.push_back({"id " + id, key + method, Target(id, columns), "INVALID_ARGUMENT", "target.id"});
      }
      cases.push_back({"no id", key + method, "target { " + columns + " }", "REQUIRED_FIELD_MISSING", "target.id"});
    }
    const std::string name = key == "s." ? kSession : " name: 'n' ";
    cases.push_back({"id", key + "Create", Target("x", name), "INVALID_ARGUMENT", "target.id"});
    cases.push_back({"empty id", key + "Create", Target("", name), "INVALID_ARGUMENT", "target.id"});
    cases.push_back({"nil id", key + "Create", Target("00000000-0000-0000-0000-000000000000", name), "INVALID_ARGUMENT",
                     "target.id"});
  }
  ExpectRefused(cases);
}

TEST(BadIds, WrongLookupsAreRefused) {
  const std::string id = MakeJourney();
  std::vector<BadCase> cases;
  for (const std::string lookup : {"content_settings_id", "suppression_segment_id", "customer_journey_template_id",
                                   "linked_in_campaign_id", "published_by", "owner_id"}) {
    const std::string reason = lookup == "owner_id" ? "INVALID_OWNER_ID" : "INVALID_ARGUMENT";
    for (const std::string value : {"", "nobody", "{6628bbf7-c52a-e911-a9b7-000d3a1e6adc"}) {
      cases.push_back(
          {value, "j.Create", "target { name: 'n' " + lookup + ": '" + value + "' }", reason, "target." + lookup});
      cases.push_back({value, "j.Update", Target(id, lookup + ": '" + value + "'"), reason, "target." + lookup});
    }
  }
  cases.push_back({"owner type", "j.Create",
                   "target { name: 'n' owner_id: '" + NewId() + "' owner_id_type: 'contact' }", "INVALID_OWNER_ID",
                   "target.owner_id_type"});
  cases.push_back({"owner type alone", "j.Update", Target(id, "owner_id_type: 'team'"), "INVALID_OWNER_ID",
                   "target.owner_id_type"});
  ExpectRefused(cases);
}

TEST(BadIds, WrongPartitionsAreRefused) {
  std::vector<BadCase> cases;
  const std::string id = MakeSession();
  std::vector<std::string> partitions = {"", Letters(101), Astral(51)};
  for (const char c : std::string("/<>*%&:\\?+")) partitions.push_back(std::string("a") + c);
  for (const std::string& partition : partitions) {
    const std::string given = " partition_id: " + Quote(partition);
    const std::string reason = partition.size() > 100 ? "STRING_LENGTH_TOO_LONG" : "INVALID_ARGUMENT";
    cases.push_back({partition, "s.Create", "target { " + kSession + given + " }", reason, "target.partition_id"});
    cases.push_back({partition, "s.Update", Target(id, "name: 'x'" + given), reason, "target.partition_id"});
    cases.push_back({partition, "s.Upsert", Target(id, kSession + given), reason, "target.partition_id"});
    cases.push_back({partition, "s.Retrieve", Target(id, given), reason, "target.partition_id"});
    cases.push_back({partition, "s.Delete", Target(id, given), reason, "target.partition_id"});
    cases.push_back({partition, "s.RetrieveEntityChanges", given, reason, "partition_id"});
  }
  const std::string journey = MakeJourney();
  for (const char* method : {"j.Retrieve", "j.Delete"}) {
    cases.push_back({"a standard table has no partitions", method, Target(journey, "partition_id: 'a'"),
                     "INVALID_ARGUMENT", "target.partition_id"});
  }
  ExpectRefused(cases);
}

TEST(BadIds, BracesAndUpperCaseAreAccepted) {
  std::vector<GoodCase> cases;
  for (const std::string id : {"{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}", "6628BBF7-c52a-e911-a9b7-000d3a1e6add"}) {
    cases.insert(cases.end(),
                 {{id, "s.Create", Target(id, kSession)},
                  {id, "s.Update", Target(id, "name: 'x'")},
                  {id, "s.Upsert", Target(id, kSession)},
                  {id, "s.Retrieve", Target(id)},
                  {id, "s.Delete", Target(id)},
                  {id, "j.Create", Target(id, "name: 'n' content_settings_id: '" + id + "' owner_id: '" + id + "'")},
                  {id, "j.Update", Target(id, "published_by: '" + id + "'")},
                  {id, "j.Upsert", Target(id, "name: 'x'")},
                  {id, "j.Retrieve", Target(id)},
                  {id, "j.Delete", Target(id)}});
  }
  ExpectAccepted(cases);
}

}  // namespace
}  // namespace journeyfeed::testing
