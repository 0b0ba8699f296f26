// The workflow definition of a journey (docs/dataverse.md 6.7), read from its JSON: the parts that the rules and
// pictures need.
//
// Callers send definitions, so a definition may contain anything. It is read in one pass that builds no JSON tree,
// without recursion, and keeps at most kMostActivities activities and so on. Unknown fields are skipped, whatever they
// contain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/customer_journey/validation/rules.h"

namespace journeyfeed::customer_journey {

// More than a definition of the greatest length can hold if its activities are complete (about 150 characters each).
inline constexpr std::size_t kMostActivities = 10'000;
inline constexpr std::size_t kMostItems = 20'000;
inline constexpr std::size_t kMostConditions = 20'000;

// A condition of a Trigger.
struct Condition {
  std::optional<std::int64_t> source;  // SourceActivityItemId
  bool condition_given = false;
};

// The fields of an item besides its record that have a value, as bits of Item::settings.
inline constexpr unsigned kSchedules = 1;      // any of the fields of a Scheduler that set a time
inline constexpr unsigned kNamesActivity = 2;  // ActivityTypeName of CreateCrmActivity

// An entry of Properties.Items. The first is the activity's own; further ones are records nested in it.
struct Item {
  std::size_t index = 0;  // in its activity
  std::string type;
  std::string record_id;  // ItemId as written; empty: none
  std::optional<std::int64_t> item_id;
  std::string name;
  std::string source_type;     // SegmentSourceType
  std::string template_table;  // TemplateEntityLogicalName
  unsigned settings = 0;
  std::size_t first_condition = 0;
  std::size_t condition_count = 0;
  bool item_id_wrong = false;  // another problem reports it
};

struct Activity {
  std::size_t position = 0;  // in the array, from 1
  std::string id;            // empty: none
  std::string parent;        // empty: none
  std::string type;
  std::string relationship;
  std::string entity_target;
  std::optional<std::int64_t> branch;
  std::size_t first_item = 0;
  std::size_t item_count = 0;
  unsigned wrong = 0;  // bits of the fields that another problem reports: (1 << ActivityField)
};

enum class ActivityField { kId, kParent, kType, kBranch, kRelationship, kEntityTarget, kProperties };
inline bool IsWrong(const Activity& activity, ActivityField field) {
  return (activity.wrong >> static_cast<int>(field) & 1) != 0;
}

// What is wrong with a field. The rest of the definition is still read.
struct Problem {
  Rule rule;
  std::size_t position = 0;                  // of the activity; 0: the definition
  std::optional<std::size_t> activity = {};  // index in Definition::activities
  std::vector<std::string> arguments = {};
};

struct Definition {
  std::vector<Activity> activities;
  std::vector<Item> items;  // items of one activity are adjacent
  std::vector<Condition> conditions;
  std::vector<Problem> problems;  // the first 1,000
  std::size_t problems_total = 0;
  // False: reading ended early (no JSON, no array, too large) and the last problem says why. What was read before is
  // kept.
  bool complete = false;

  std::span<const Item> ItemsOf(const Activity& activity) const {
    return std::span(items).subspan(activity.first_item, activity.item_count);
  }
  std::span<const Condition> ConditionsOf(const Item& item) const {
    return std::span(conditions).subspan(item.first_condition, item.condition_count);
  }
};

Definition ReadDefinition(std::string_view json);

}  // namespace journeyfeed::customer_journey
