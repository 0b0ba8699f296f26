#include "tests/unit/validation/journeys.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace journeyfeed::customer_journey {

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << NameOf(fault.level) << ' ' << fault.code << " at \"" << fault.activity_id << '"';
  for (const std::string& argument : fault.arguments) *out << " [" << argument << ']';
}

namespace testing {

json Item(const std::string& type, int item_id, const json& record) {
  return {{"ItemId", record}, {"ActivityTypeId", type}, {"Title", "Undefined"}, {"ActivityItemId", item_id}};
}

json Tile(const std::string& id, const std::string& type, const std::string& parent, int branch, int item_id,
          const json& record) {
  return {{"ActivityTypeId", type},
          {"ParentActivityId", parent},
          {"ParentBranchId", branch},
          {"ParentRelationshipType", "Default"},
          {"ActivityId", id},
          {"EntityTarget", "contact"},
          {"Properties", {{"Items", {Item(type, item_id, record)}}}}};
}

json GoodDefinition() {
  json root = Tile("root", "bpf_root", "", 0, 0);
  root.erase("ParentActivityId");
  root.erase("EntityTarget");
  json segment = Tile("segment", "Segment", "root", 0, 1);
  segment["Properties"]["Items"].push_back(Item("SegmentItem", 2, kId));
  json trigger = Tile("trigger", "Trigger", "email", 0, 4);
  trigger["Properties"]["Items"][0]["ConditionExpressions"] = {{{"SourceActivityItemId", 3}, {"Condition", "Opened"}}};
  json yes = Tile("email2", "Email", "trigger", 0, 5, kId);
  yes["ParentRelationshipType"] = "YesBranch";
  json no = Tile("empty", "empty", "trigger", 0, 6);
  no["ParentRelationshipType"] = "noBranch";
  no["Properties"]["Items"] = json::array();
  json scheduler = Tile("scheduler", "Scheduler", "branch1", 0, 10);
  scheduler["Properties"]["Items"][0]["OffsetType"] = "Duration";
  json activity = Tile("activity", "CreateCrmActivity", "lead", 0, 13);
  activity["Properties"]["Items"][0]["ActivityTypeName"] = "task";
  return {root,
          segment,
          Tile("email", "Email", "segment", 0, 3, kId),
          trigger,
          yes,
          no,
          Tile("splitter", "Splitter", "email2", 0, 7),
          Tile("branch1", "SplitterBranch", "splitter", 0, 8),
          Tile("branch2", "SplitterBranch", "splitter", 1, 9),
          scheduler,
          Tile("workflow", "InvokeWorkflow", "scheduler", 0, 11, kId),
          Tile("lead", "CreateLead", "workflow", 0, 12),
          activity,
          Tile("linkedin", "LinkedInCampaign", "activity", 0, 14, kId),
          Tile("page", "LandingPage", "branch2", 0, 15, kId),
          Tile("event", "Event", "page", 0, 16, kId),
          Tile("survey", "Survey", "event", 0, 17, kId),
          Tile("form", "MarketingForm", "survey", 0, 18, kId)};
}

json& At(json& definition, const std::string& id) {
  for (json& activity : definition)
    if (activity.value("ActivityId", "") == id) return activity;
  throw std::invalid_argument("no activity " + id);
}

json& HeaderAt(json& definition, const std::string& id) { return At(definition, id)["Properties"]["Items"][0]; }

CustomerJourney GoodColumns() {
  CustomerJourney journey;
  journey.set_name("Journey");
  journey.mutable_start_date_time()->set_seconds(1'900'000'020);
  journey.mutable_end_date_time()->set_seconds(1'900'000'020 + 30 * 86'400);
  journey.set_customer_journey_time_zone(92);
  journey.set_content_settings_id(kId);
  return journey;
}

CustomerJourney JourneyOf(const json& definition) {
  CustomerJourney journey = GoodColumns();
  journey.set_workflow_definition(definition.dump());
  return journey;
}

Fault Error(Rule rule, std::string activity, std::vector<std::string> arguments) {
  const RuleText& text = Describe(rule);
  return {std::string(text.code), std::move(activity), text.level, std::move(arguments)};
}

std::vector<Fault> FaultsOf(const json& definition) { return Validate(JourneyOf(definition), {}).faults; }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace testing
}  // namespace journeyfeed::customer_journey
