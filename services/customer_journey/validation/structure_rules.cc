#include "services/customer_journey/validation/structure_rules.h"

#include <algorithm>
#include <tuple>

namespace journeyfeed::customer_journey {
namespace {

constexpr std::size_t kMostOfCycle = 10;
constexpr std::string_view kAudiences[] = {kSegment, "MarketingForm", "LandingPage", "RecordUpdate"};

class StructureChecker {
 public:
  StructureChecker(const Definition& definition, const Tree& tree, bool accounts, FaultList& faults)
      : definition_(definition), tree_(tree), accounts_(accounts), faults_(faults) {}

  void CheckStructure() {
    CheckRoots();
    for (const Activity& activity : definition_.activities) CheckFields(activity);
    for (std::size_t i = 0; i < definition_.activities.size(); ++i) CheckPlace(i);
    CheckIds();
    CheckCycles();
    CheckSiblings();
    CheckAudience();
  }

 private:
  void Add(Rule rule, const Activity& activity, std::vector<std::string> arguments = {}) {
    faults_.Add(rule, activity.position, activity.id, std::move(arguments));
  }
  const Activity& At(std::size_t index) const { return definition_.activities[index]; }
  // Returns null if there is no such parent.
  const Activity* ParentOf(std::size_t index) const {
    const std::size_t parent = tree_.ParentOf(index);
    return parent == kNone ? nullptr : &At(parent);
  }

  void CheckRoots() {
    bool found = false;
    for (const Activity& activity : definition_.activities) {
      if (activity.type != kRoot) continue;
      if (found) Add(Rule::kRootDuplicate, activity);
      found = true;
      if (!activity.parent.empty()) Add(Rule::kParentMissing, activity, {activity.parent});
    }
    if (!found) faults_.Add(Rule::kRootMissing, FaultList::kJourney, "");
  }

  void CheckFields(const Activity& activity) {
    if (activity.id.empty() && !IsWrong(activity, ActivityField::kId))
      Add(Rule::kActivityIdMissing, activity, {std::to_string(activity.position - 1)});
    if (activity.type.empty()) {
      if (!IsWrong(activity, ActivityField::kType))
        Add(Rule::kActivityInvalid, activity, {"ActivityTypeId", "missing"});
    } else if (!IsKnownType(activity.type)) {
      Add(Rule::kActivityTypeUnknown, activity, {activity.type});
    }
    const bool contact = EqualsIgnoringCase(activity.entity_target, "contact");
    const bool account = accounts_ && EqualsIgnoringCase(activity.entity_target, "account");
    if (!activity.entity_target.empty() && !contact && !account)
      Add(Rule::kEntityTargetInvalid, activity, {activity.entity_target});
    CheckItems(activity);
  }

  void CheckItems(const Activity& activity) {
    for (const Item& item : definition_.ItemsOf(activity)) {
      const std::string index = std::to_string(item.index);
      // The last check covers a missing field and the header of another activity.
      if (item.type.empty()) {
        Add(Rule::kItemInvalid, activity, {index, "ActivityTypeId", "missing"});
      } else if (item.index == 0 && item.type != activity.type && !activity.type.empty()) {
        Add(Rule::kItemInvalid, activity, {index, "ActivityTypeId", "not the type of the activity"});
      }
      if (!item.item_id && !item.item_id_wrong) Add(Rule::kItemInvalid, activity, {index, "ActivityItemId", "missing"});
    }
  }

  void CheckPlace(std::size_t index) {
    const Activity& activity = At(index);
    if (activity.branch ? *activity.branch < 0 : activity.type != kRoot && !IsWrong(activity, ActivityField::kBranch))
      Add(Rule::kBranchInvalid, activity);
    CheckRelationship(index);
    if (activity.type == kRoot) return;
    const Activity* parent = ParentOf(index);
    if (activity.parent.empty()) {
      if (!IsWrong(activity, ActivityField::kParent)) Add(Rule::kParentMissing, activity);
    } else if (!parent) {
      Add(Rule::kParentUnknown, activity, {activity.parent});
    }
    if (parent && activity.type == kSplitterBranch && parent->type != kSplitter)
      Add(Rule::kSplitterBranchMisplaced, activity, {Shortened(parent->type)});
  }

  void CheckRelationship(std::size_t index) {
    const Activity& activity = At(index);
    const Activity* parent = ParentOf(index);
    const Relationship relationship = RelationshipOf(activity);
    const bool branch = relationship == Relationship::kYes || relationship == Relationship::kNo;
    bool good = relationship == Relationship::kDefault;
    if (activity.type == kRoot) {
      good = good || relationship == Relationship::kAbsent;
    } else if (!parent) {
      good = good || branch;  // another fault reports it
    } else if (parent->type == kTrigger) {
      good = branch;
    }
    if (!good && !IsWrong(activity, ActivityField::kRelationship))
      Add(Rule::kRelationshipInvalid, activity, {activity.relationship});
  }

  void CheckIds() {
    for (const std::size_t index : tree_.repeated_ids())
      Add(Rule::kActivityIdDuplicate, At(index), {std::to_string(At(index).position - 1)});
    for (const std::size_t item : tree_.repeated_items())
      Add(Rule::kItemIdDuplicate, At(tree_.ActivityOf(item)), {std::to_string(*definition_.items[item].item_id)});
  }

  void CheckCycles() {
    for (const std::size_t first : tree_.Cycles()) {
      std::vector<std::string> ids = {At(first).id};
      for (std::size_t i = tree_.ParentOf(first); i != first && ids.size() < kMostOfCycle; i = tree_.ParentOf(i))
        ids.push_back(At(i).id);
      Add(Rule::kCycle, At(first), std::move(ids));
    }
  }

  // Two children of a Trigger on one branch are one fault, whatever their numbers.
  void CheckSiblings() {
    struct Place {
      std::size_t parent;
      bool of_trigger;
      Relationship relationship;
      std::int64_t branch;
      std::size_t index;
    };
    std::vector<Place> places;
    for (std::size_t i = 0; i < definition_.activities.size(); ++i) {
      const Activity* parent = ParentOf(i);
      const Relationship relationship = RelationshipOf(At(i));
      if (!parent || relationship == Relationship::kAbsent || relationship == Relationship::kOther) continue;
      const bool of_trigger = parent->type == kTrigger && relationship != Relationship::kDefault;
      if (!of_trigger && !At(i).branch) continue;
      places.push_back({tree_.ParentOf(i), of_trigger, relationship, of_trigger ? 0 : *At(i).branch, i});
    }
    const auto key = [](const Place& place) { return std::tuple(place.parent, place.relationship, place.branch); };
    std::ranges::stable_sort(places, {}, key);
    for (std::size_t i = 1; i < places.size(); ++i) {
      if (key(places[i - 1]) != key(places[i])) continue;
      const Activity& activity = At(places[i].index);
      if (places[i].of_trigger) {
        Add(Rule::kTriggerBranchDuplicate, activity, {activity.relationship});
      } else {
        Add(Rule::kBranchDuplicate, activity, {std::to_string(*activity.branch)});
      }
    }
  }

  void CheckAudience() {
    const auto root = std::ranges::find(definition_.activities, kRoot, &Activity::type);
    if (root == definition_.activities.end()) return;
    const auto root_index = static_cast<std::size_t>(root - definition_.activities.begin());
    bool any = false;
    for (std::size_t i = 0; i < definition_.activities.size(); ++i) {
      if (i == root_index || tree_.ParentOf(i) != root_index) continue;
      any = true;
      const Activity& activity = At(i);
      // Nothing more is checked about an unknown type.
      if (IsKnownType(activity.type) && std::ranges::find(kAudiences, activity.type) == std::end(kAudiences))
        Add(Rule::kAudienceMissing, activity, {activity.type});
    }
    if (!any) Add(Rule::kAudienceMissing, *root);
  }

  const Definition& definition_;
  const Tree& tree_;
  const bool accounts_;
  FaultList& faults_;
};

}  // namespace

void CheckStructure(const Definition& definition, const Tree& tree, bool accounts, FaultList& faults) {
  StructureChecker(definition, tree, accounts, faults).CheckStructure();
}

}  // namespace journeyfeed::customer_journey
