// Which columns can be edited in which status (docs/dataverse.md 6.4): every column in every status.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "storage/dictionary/dictionary.h"
#include "tests/lifecycle/journeys.h"

namespace journeyfeed::testing {
namespace {

using Statuses = std::set<int>;
const Statuses kDraftOnly = {kDraft};
const Statuses kOpen = {kDraft, kLiveEditable, kStopped};
const Statuses kSettled = {kDraft, kLive, kStopped, kLiveEditable, kExpired, kError};

struct Editable {
  std::string value;  // in text format
  Statuses in;
};

// start_date_time has a separate test.
const std::map<std::string, Editable>& Columns() {
  static const std::string kUuid = "'d0e20c01-d6c6-480f-aab5-0fa6749565a5'";
  static const std::map<std::string, Editable> columns = {
      {"name", {"'x'", kOpen}},
      {"description", {"'x'", kOpen}},
      {"purpose", {"'x'", kOpen}},
      {"end_date_time", {"{ seconds: 4102444800 }", kOpen}},
      {"recurrence_count", {"2", kOpen}},
      {"recurrence_interval_days", {"2", kOpen}},
      {"workflow_definition", {"'[]'", kOpen}},
      {"customer_journey_designer_state", {"'{}'", kOpen}},
      {"customer_journey_template_id", {kUuid, kOpen}},
      {"entity_target", {"1", kDraftOnly}},
      {"type", {"192350001", kDraftOnly}},
      {"scope", {"270100001", kDraftOnly}},
      {"required_consent", {"587030002", kDraftOnly}},
      {"customer_journey_time_zone", {"4", kDraftOnly}},
      {"is_recurring", {"true", kDraftOnly}},
      {"content_settings_id", {kUuid, kDraftOnly}},
      {"suppression_segment_id", {kUuid, kDraftOnly}},
      {"linked_in_campaign_id", {kUuid, kDraftOnly}},
      {"validation_results", {"'x'", kDraftOnly}},
      {"published_by", {kUuid, kDraftOnly}},
      {"lock_down_date_in_milliseconds", {"1", kDraftOnly}},
      {"insights_placeholder", {"'x'", kSettled}},
      {"owner_id", {kUuid, kSettled}},
      {"import_sequence_number", {"1", kSettled}},
      {"time_zone_rule_version_number", {"1", kSettled}},
      {"utc_conversion_time_zone_code", {"1", kSettled}},
  };
  return columns;
}

auto Edit(const std::string& id, const std::string& column, const std::string& value) {
  return Journeys().Update(Target(id, column + (value.front() == '{' ? " " : ": ") + value));
}

TEST(Columns, TheListIsWhole) {
  std::set<std::string> names = {"start_date_time", "owner_id_type", "state_code", "status_code"};
  for (const auto& [name, editable] : Columns()) names.insert(name);
  for (const auto& column : dictionary::Describe(journeys::CustomerJourney::descriptor()).columns) {
    EXPECT_EQ(names.contains(column.name), column.valid_for_update) << column.name;
  }
}

TEST(Columns, AreLockedByTheStatus) {
  for (int status = 0; status < kStatuses; ++status) {
    const std::string id = MakeJourney();
    const Hold hold(Url(), id);
    PutInto(Url(), id, status);
    for (const auto& [column, editable] : Columns()) {
      const auto edited = Edit(id, column, editable.value);
      EXPECT_EQ(edited.ok(), editable.in.contains(status)) << column << " in " << kLabels[status] << edited.ending;
      if (edited.ok() || editable.in.contains(status)) continue;
      EXPECT_EQ(edited.ending.code, grpc::StatusCode::FAILED_PRECONDITION);
      EXPECT_EQ(edited.ending.reason, "CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY") << column;
      EXPECT_EQ(edited.ending.metadata.at("code"), "0x8004022E");
      EXPECT_EQ(edited.ending.metadata.at("status"), kLabels[status]);
      EXPECT_TRUE(edited.ending.Violates("target." + column)) << edited.ending;
    }
    EXPECT_EQ(StatusOf(Url(), id), status);
  }
}

TEST(Columns, TheStartIsOpenUntilItHasCome) {
  for (int status = 0; status < kStatuses; ++status) {
    for (const bool started : {false, true}) {
      const std::string start = started ? "{ seconds: 1549711740 }" : "{ seconds: 4102444800 }";
      const std::string id = MakeJourney("start_date_time " + start);
      const Hold hold(Url(), id);
      PutInto(Url(), id, status);
      const auto edited = Edit(id, "start_date_time", "{ seconds: 4102444801 }");
      const bool open = status == kDraft || (!started && (status == kStopped || status == kLiveEditable));
      EXPECT_EQ(edited.ok(), open) << kLabels[status] << started << edited.ending;
      if (!open) {
        EXPECT_TRUE(edited.ending.Violates("target.start_date_time"));
      }
    }
  }
}

// A wall-clock time: past in Tokyo, still in the future in Los Angeles.
TEST(Columns, TheStartIsReadOnTheClockOfTheJourneysZone) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  for (const bool tokyo : {true, false}) {
    const std::string id = MakeJourney("customer_journey_time_zone: " + std::string(tokyo ? "235" : "4") +
                                       " start_date_time { seconds: " + std::to_string(now) + " }");
    PutInto(Url(), id, kStopped);
    EXPECT_EQ(Edit(id, "start_date_time", "{ seconds: 4102444800 }").ok(), !tokyo);
  }
}

TEST(Columns, AllLockedOnesAreNamedAndNothingIsChanged) {
  const std::string id = MakeJourney("purpose: 'p'");
  PutInto(Url(), id, kLive);
  const auto refused = Journeys().Update(
      Target(id, "name: 'x' purpose: 'q' end_date_time { seconds: 4102444800 } import_sequence_number: 5"));
  EXPECT_EQ(refused.ending.reason, "CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY");
  EXPECT_EQ(refused.ending.metadata.at("columns"), "name, purpose, end_date_time");
  EXPECT_EQ(refused.ending.violations.size(), 3U);
  EXPECT_FALSE(Journeys().Get(id).has_import_sequence_number());
  EXPECT_EQ(Journeys().Get(id).purpose(), "p");
}

// Columns first, then the status, like Dataverse handles an update of both.
TEST(Columns, AreJudgedByTheStatusBeforeTheCall) {
  const std::string id = MakeJourney();
  const Hold hold(Url(), id);
  const std::string both = "name: 'x' status_code: ";
  EXPECT_TRUE(Journeys().Update(Target(id, both + std::to_string(Code(kGoingLive)))).ok()) << "a draft is open";
  PutInto(Url(), id, kLive);
  EXPECT_EQ(Journeys().Update(Target(id, both + std::to_string(Code(kLiveEditable)))).ending.reason,
            "CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY")
      << "a live one is not";
  EXPECT_EQ(StatusOf(Url(), id), kLive);
}

}  // namespace
}  // namespace journeyfeed::testing
