// Numbers, times, option sets and texts that no column can hold.
#include <gtest/gtest.h>

#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

// A column and a value for it; tried in Create, Update and Upsert.
struct BadValue {
  std::string entity;
  std::string value;
  std::string reason;
  std::string field;
};

void ExpectRefusedInEveryWrite(const std::vector<BadValue>& values) {
  const std::string session = MakeSession();
  const std::string journey = MakeJourney();
  std::vector<BadCase> cases;
  for (const BadValue& bad : values) {
    const bool is_session = bad.entity == "s.";
    const std::string& id = is_session ? session : journey;
    // A text format message must not name a field twice.
    std::string columns = is_session ? "" : bad.field == "name" ? "" : " name: 'n' ";
    for (const std::string column : {"name", "journey_run_id", "session"}) {
      if (is_session && bad.field != column) columns += column + ": 'n' ";
    }
    const std::string target = Target(id, columns + bad.value);
    const std::string field = "target." + bad.field;
    cases.push_back(
        {bad.value.substr(0, 60), bad.entity + "Create", "target { " + columns + bad.value + " }", bad.reason, field});
    cases.push_back({bad.value.substr(0, 60), bad.entity + "Upsert", target, bad.reason, field});
    cases.push_back({bad.value.substr(0, 60), bad.entity + "Update", target, bad.reason, field});
    cases.push_back({bad.value.substr(0, 60), bad.entity + "Update",
                     target + " update_mask { paths: '" + bad.field + "' }", bad.reason, field});
  }
  ExpectRefused(cases);
}

TEST(BadValues, NumbersOutOfRange) {
  const std::string reason = "INTEGER_VALUE_OUT_OF_RANGE";
  ExpectRefusedInEveryWrite({
      {"s.", "ttl_in_seconds: 0", reason, "ttl_in_seconds"},
      {"s.", "ttl_in_seconds: -1", reason, "ttl_in_seconds"},
      {"j.", "customer_journey_time_zone: 1501", reason, "customer_journey_time_zone"},
      {"j.", "customer_journey_time_zone: -1501", reason, "customer_journey_time_zone"},
      {"j.", "recurrence_count: -1", reason, "recurrence_count"},
      {"j.", "recurrence_interval_days: -1", reason, "recurrence_interval_days"},
      {"j.", "time_zone_rule_version_number: -2", reason, "time_zone_rule_version_number"},
      {"j.", "utc_conversion_time_zone_code: -2", reason, "utc_conversion_time_zone_code"},
  });
}

TEST(BadValues, NumbersAtTheLimitAreAccepted) {
  ExpectAccepted({
      {"longest life", "s.Create",
       "target { " + kSession + " ttl_in_seconds: 2147483647 import_sequence_number: -2147483648 }"},
      {"shortest life", "s.Create", "target { " + kSession + " ttl_in_seconds: 1 import_sequence_number: 2147483647 }"},
      {"least numbers", "j.Create",
       "target { name: 'n' customer_journey_time_zone: -1500 recurrence_count: 0 recurrence_interval_days: 0"
       " time_zone_rule_version_number: -1 utc_conversion_time_zone_code: -1"
       " lock_down_date_in_milliseconds: -9223372036854775808 }"},
      {"greatest numbers", "j.Create",
       "target { name: 'n' customer_journey_time_zone: 1500 recurrence_count: 2147483647 recurrence_interval_days: "
       "2147483647"
       " time_zone_rule_version_number: 2147483647 utc_conversion_time_zone_code: 2147483647"
       " lock_down_date_in_milliseconds: 9223372036854775807 }"},
  });
}

TEST(BadValues, TimesOutOfRange) {
  const std::string reason = "INVALID_DATE_TIME";
  std::vector<BadValue> values;
  for (const std::string time : {"seconds: -6847804801", "seconds: -6847804801 nanos: 999999999",
                                 "seconds: 253402214400", "seconds: 0 nanos: -1", "seconds: 0 nanos: 1000000000",
                                 "seconds: 9223372036854775807", "seconds: -9223372036854775808"}) {
    values.push_back({"j.", "start_date_time { " + time + " }", reason, "start_date_time"});
  }
  values.push_back({"j.", "end_date_time { seconds: 253402214400 }", reason, "end_date_time"});
  ExpectRefusedInEveryWrite(values);
  ExpectRefused({
      {"1752", "s.Create", "target { " + kSession + " overridden_created_on { seconds: -6847804801 } }", reason,
       "target.overridden_created_on"},
      {"1752", "j.Create", "target { name: 'n' overridden_created_on { seconds: -6847804801 } }", reason,
       "target.overridden_created_on"},
  });
  ExpectAccepted({
      {"first and last", "j.Create",
       "target { name: 'n' start_date_time { seconds: -6847804800 } end_date_time { seconds: 253402214399 nanos: "
       "999999999 } }"},
  });
}

TEST(BadValues, UnknownOptions) {
  const std::string reason = "PICKLIST_VALUE_OUT_OF_RANGE";
  ExpectRefusedInEveryWrite({
      {"j.", "entity_target: 2", reason, "entity_target"},
      {"j.", "entity_target: -1", reason, "entity_target"},
      {"j.", "type: 192350002", reason, "type"},
      {"j.", "type: 0", reason, "type"},
      {"j.", "scope: 270100002", reason, "scope"},
      {"j.", "required_consent: 587030000", reason, "required_consent"},
      {"j.", "state_code: 2", reason, "state_code"},
      {"j.", "status_code: 0", reason, "status_code"},
      {"j.", "status_code: 192350008", reason, "status_code"},
  });
}

TEST(BadValues, StatusOfAnotherState) {
  const std::string id = MakeJourney();
  const std::string active_expired = "state_code: 0 status_code: 192350004";
  const std::string inactive_draft = "state_code: 1 status_code: 192350000";
  const std::string reason = "INVALID_STATE_CODE_STATUS_CODE";
  ExpectRefused({
      {"active, expired", "j.Create", "target { name: 'n' " + active_expired + " }", reason, "target.status_code"},
      {"inactive, draft", "j.Create", "target { name: 'n' " + inactive_draft + " }", reason, "target.status_code"},
      {"active, expired", "j.Update", Target(id, active_expired), reason, "target.status_code"},
      {"inactive, draft", "j.Upsert", Target(id, inactive_draft), reason, "target.status_code"},
      {"inactive, draft", "j.Update",
       Target(id, inactive_draft) + "update_mask { paths: 'status_code' paths: 'state_code' }", reason,
       "target.status_code"},
  });
}

TEST(BadValues, NulInEveryText) {
  std::vector<BadValue> values;
  for (const std::string column : {"name", "journey_run_id", "session"}) {
    values.push_back({"s.", column + R"(: 'a\000b')", "INVALID_ARGUMENT", column});
  }
  for (const std::string column : {"name", "description", "purpose", "workflow_definition",
                                   "customer_journey_designer_state", "validation_results", "insights_placeholder"}) {
    values.push_back({"j.", column + R"(: 'a\000b')", "INVALID_ARGUMENT", column});
  }
  ExpectRefusedInEveryWrite(values);
  ExpectRefused({{"partition", "s.Create", "target { " + kSession + R"( partition_id: 'a\000' })", "INVALID_ARGUMENT",
                  "target.partition_id"},
                 {"reference", "s.Retrieve", Target(NewId(), R"(partition_id: 'a\000')"), "INVALID_ARGUMENT",
                  "target.partition_id"}});
}

TEST(BadValues, AllViolationsAtOnce) {
  const auto answer = Journeys().Create(
      "target { id: 'x' name: 'a\\000' entity_target: 7 recurrence_count: -1 start_date_time { nanos: -1 } owner_id: "
      "'x'"
      " version_number: 1 } request_id: 'x'");
  for (const char* field : {"target.id", "target.name", "target.entity_target", "target.recurrence_count",
                            "target.start_date_time", "target.owner_id", "target.version_number", "request_id"}) {
    EXPECT_TRUE(answer.ending.Violates(field)) << field;
  }
  EXPECT_EQ(answer.ending.metadata.at("violations_total"), "8");
}

}  // namespace
}  // namespace journeyfeed::testing
