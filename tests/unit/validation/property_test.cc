// Definitions that are built as trees have no fault; each single change to one gives its fault and no other.
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>

#include "tests/unit/validation/journeys.h"

namespace journeyfeed::customer_journey::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Trees {
 public:
  explicit Trees(unsigned seed) : random_(seed) {}

  std::size_t Pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  // A tree in any order, with two leaves "victim" and "buddy" below one parent that is neither root nor trigger.
  json Make() {
    nodes_.clear();
    next_item_ = 0;
    json root = Tile("root", "bpf_root", "", 0, next_item_++);
    root.erase("ParentActivityId");
    nodes_.push_back({root});
    for (std::size_t audiences = 1 + Pick(3); audiences > 0; --audiences) AddSegment();
    for (std::size_t more = Pick(30); more > 0; --more) AddTile();
    const std::size_t parent = Parent(/*trigger=*/false);
    Add("victim", "CreateLead", parent);
    Add("buddy", "CreateLead", parent);
    json definition = json::array();
    for (const Node& node : nodes_) definition.push_back(node.activity);
    std::shuffle(definition.begin(), definition.end(), random_);
    return definition;
  }

 private:
  struct Node {
    json activity;
    int children = 0;
  };

  json& Add(const std::string& id, const std::string& type, std::size_t parent, const json& record = nullptr) {
    Node& above = nodes_[parent];
    json activity = Tile(id, type, above.activity["ActivityId"], above.children++, next_item_++, record);
    if (above.activity["ActivityTypeId"] == "Trigger")
      activity["ParentRelationshipType"] = above.children == 1 ? "yesBranch" : "NoBranch";
    nodes_.push_back({activity});
    return nodes_.back().activity;
  }

  void AddSegment() {
    json& segment = Add(NewId(), "Segment", 0);
    segment["Properties"]["Items"].push_back(Item("SegmentItem", next_item_++, kId));
  }

  void AddTile() {
    const std::size_t parent = Parent(/*trigger=*/true);
    switch (Pick(6)) {
      case 0:
        Add(NewId(), "Email", parent, kId);
        return;
      case 1:
        Add(NewId(), "LandingPage", parent, kId);
        return;
      case 2:
        Add(NewId(), "Scheduler", parent)["Properties"]["Items"][0]["ScheduledDurationValue"] = 3;
        return;
      case 3: {
        const int source = static_cast<int>(Pick(static_cast<std::size_t>(next_item_)));
        Add(NewId(), "Trigger", parent)["Properties"]["Items"][0]["ConditionExpressions"] = {
            {{"SourceActivityItemId", source}, {"Condition", "UserRegistered"}}};
        return;
      }
      case 4: {
        Add(NewId(), "Splitter", parent);
        const std::size_t splitter = nodes_.size() - 1;
        for (std::size_t branches = 1 + Pick(3); branches > 0; --branches) Add(NewId(), "SplitterBranch", splitter);
        return;
      }
      default:
        Add(NewId(), "CreateLead", parent);
    }
  }

  // An activity that may have another child.
  std::size_t Parent(bool trigger) {
    while (true) {
      const std::size_t parent = 1 + Pick(nodes_.size() - 1);
      if (nodes_[parent].activity["ActivityTypeId"] != "Trigger" || (trigger && nodes_[parent].children < 2))
        return parent;
    }
  }

  std::string NewId() { return "n" + std::to_string(nodes_.size()) + "_" + std::to_string(random_()); }

  std::mt19937 random_;
  std::vector<Node> nodes_;
  int next_item_ = 0;
};

// The position of the later of two activities, where a repetition is reported.
std::string Later(const json& definition, const std::string& a, const std::string& b) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < definition.size(); ++i)
    if (definition[i]["ActivityId"] == a || definition[i]["ActivityId"] == b) last = i;
  return std::to_string(last);
}
std::string LaterId(const json& definition) {
  return definition[std::stoul(Later(definition, "victim", "buddy"))]["ActivityId"];
}

struct Change {
  const char* name;
  std::function<Fault(json& definition, json& victim)> apply;
};

const Change kChanges[] = {
    {"no parent",
     [](json&, json& victim) {
       victim.erase("ParentActivityId");
       return Error(Rule::kParentMissing, "victim");
     }},
    {"unknown parent",
     [](json&, json& victim) {
       victim["ParentActivityId"] = "nobody";
       return Error(Rule::kParentUnknown, "victim", {"nobody"});
     }},
    {"a cycle",
     [](json&, json& victim) {
       victim["ParentActivityId"] = "victim";
       return Error(Rule::kCycle, "victim", {"victim"});
     }},
    {"first in the journey",
     [](json&, json& victim) {
       victim["ParentActivityId"] = "root";
       victim["ParentBranchId"] = 1000;
       return Error(Rule::kAudienceMissing, "victim", {"CreateLead"});
     }},
    {"no id",
     [](json& definition, json& victim) {
       const auto index = std::ranges::find(definition, victim) - definition.begin();
       victim.erase("ActivityId");
       return Error(Rule::kActivityIdMissing, "", {std::to_string(index)});
     }},
    {"an id twice",
     [](json& definition, json& victim) {
       const std::string index = Later(definition, "victim", "buddy");
       victim["ActivityId"] = "buddy";
       return Error(Rule::kActivityIdDuplicate, "buddy", {index});
     }},
    {"no type",
     [](json&, json& victim) {
       victim.erase("ActivityTypeId");
       return Error(Rule::kActivityInvalid, "victim", {"ActivityTypeId", "missing"});
     }},
    {"another root",
     [](json& definition, json& victim) {
       // The root comes first, so that the victim is reported.
       for (json& activity : definition)
         if (activity.value("ActivityId", "") == "root" && &activity > &victim) std::swap(activity, victim);
       json& moved = At(definition, "victim");
       moved["ActivityTypeId"] = moved["Properties"]["Items"][0]["ActivityTypeId"] = "bpf_root";
       moved.erase("ParentActivityId");
       return Error(Rule::kRootDuplicate, "victim");
     }},
    {"no branch",
     [](json&, json& victim) {
       victim.erase("ParentBranchId");
       return Error(Rule::kBranchInvalid, "victim");
     }},
    {"a branch twice",
     [](json& definition, json& victim) {
       victim["ParentBranchId"] = At(definition, "buddy")["ParentBranchId"];
       return Error(Rule::kBranchDuplicate, LaterId(definition), {std::to_string(victim["ParentBranchId"].get<int>())});
     }},
    {"a relationship",
     [](json&, json& victim) {
       victim["ParentRelationshipType"] = "noBranch";
       return Error(Rule::kRelationshipInvalid, "victim", {"noBranch"});
     }},
    {"a splitter's branch",
     [](json&, json& victim) {
       victim["ParentActivityId"] = "buddy";
       victim["ActivityTypeId"] = victim["Properties"]["Items"][0]["ActivityTypeId"] = "SplitterBranch";
       return Error(Rule::kSplitterBranchMisplaced, "victim", {"CreateLead"});
     }},
    {"accounts",
     [](json&, json& victim) {
       victim["EntityTarget"] = "account";
       return Error(Rule::kEntityTargetInvalid, "victim", {"account"});
     }},
    {"an item twice",
     [](json& definition, json& victim) {
       const int id = HeaderAt(definition, "buddy")["ActivityItemId"];
       victim["Properties"]["Items"][0]["ActivityItemId"] = id;
       return Error(Rule::kItemIdDuplicate, LaterId(definition), {std::to_string(id)});
     }},
    {"no item's number",
     [](json&, json& victim) {
       victim["Properties"]["Items"][0].erase("ActivityItemId");
       return Error(Rule::kItemInvalid, "victim", {"0", "ActivityItemId", "missing"});
     }},
    {"no items",
     [](json&, json& victim) {
       victim["Properties"]["Items"].clear();
       return Error(Rule::kTileNotConfigured, "victim", {"Properties.Items"});
     }},
};

TEST(DefinitionProperty, TreesHaveNoFaultAndEachChangeHasItsOwn) {
  Trees trees(20260101);
  for (int i = 0; i < 100; ++i) {
    const json definition = trees.Make();
    ASSERT_THAT(FaultsOf(definition), IsEmpty()) << definition;
    for (const Change& change : kChanges) {
      SCOPED_TRACE(std::to_string(i) + " " + change.name);
      json changed = definition;
      const Fault fault = change.apply(changed, At(changed, "victim"));
      ASSERT_THAT(FaultsOf(changed), ElementsAre(fault)) << changed;
    }
  }
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
