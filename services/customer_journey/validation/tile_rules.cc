#include "services/customer_journey/validation/tile_rules.h"

#include <algorithm>
#include <optional>

#include "services/customer_journey/validation/record_uses.h"
#include "storage/types.h"

namespace journeyfeed::customer_journey {
namespace {

using customerjourney::v1::CustomerJourney;

// Items that are content of another service, as a tile or nested in one.
constexpr std::string_view kContent[] = {"LandingPage", "MarketingForm", "Event", "Survey", "LinkedInCampaign"};
bool IsContent(std::string_view type) { return std::ranges::find(kContent, type) != std::end(kContent); }

bool Mails(const Definition& definition) {
  return std::ranges::find(definition.activities, kEmail, &Activity::type) != definition.activities.end();
}

class TileChecker {
 public:
  TileChecker(const CustomerJourney& journey, const Definition& definition, const Tree& tree, FaultList& faults)
      : journey_(journey), definition_(definition), tree_(tree), faults_(faults) {}

  void CheckTiles() {
    if (Mails(definition_) && journey_.content_settings_id().empty())
      faults_.Add(Rule::kContentSettingsNotLive, FaultList::kJourney, "");
    FindSplitterBranches();
    for (std::size_t i = 0; i < definition_.activities.size(); ++i) CheckTile(i);
  }

 private:
  void Add(Rule rule, const Activity& activity, std::vector<std::string> arguments = {}) {
    faults_.Add(rule, activity.position, activity.id, std::move(arguments));
  }

  void FindSplitterBranches() {
    has_branch_.resize(definition_.activities.size());
    for (std::size_t i = 0; i < definition_.activities.size(); ++i) {
      const std::size_t parent = tree_.ParentOf(i);
      if (parent != kNone && definition_.activities[i].type == kSplitterBranch) has_branch_[parent] = true;
    }
  }

  void CheckTile(std::size_t index) {
    const Activity& activity = definition_.activities[index];
    const auto items = definition_.ItemsOf(activity);
    if (!IsKnownType(activity.type) || activity.type == kPlaceholder) return;
    for (const Item& item : items) CheckRecordId(activity, item);
    if (items.empty()) {
      if (!IsWrong(activity, ActivityField::kProperties)) Add(Rule::kTileNotConfigured, activity, {"Properties.Items"});
      return;
    }
    const Item& header = items.front();
    if (activity.type == kSegment) CheckSegment(activity, items);
    if (activity.type == kEmail && header.record_id.empty()) Add(Rule::kEmailNotLive, activity);
    if (activity.type == "InvokeWorkflow" && header.record_id.empty()) Add(Rule::kWorkflowNotUsable, activity);
    if (activity.type == "CreateCrmActivity" && header.record_id.empty() && !(header.settings & kNamesActivity))
      Add(Rule::kTileNotConfigured, activity, {"ActivityTypeName"});
    if (activity.type == "Scheduler" && !(header.settings & kSchedules))
      Add(Rule::kTileNotConfigured, activity, {"OffsetType"});
    if (activity.type == kSplitter && !has_branch_[index]) Add(Rule::kTileNotConfigured, activity, {"SplitterBranch"});
    if (activity.type == kTrigger) CheckTrigger(activity, header);
    CheckContent(activity, items);
  }

  void CheckRecordId(const Activity& activity, const Item& item) {
    if (!item.record_id.empty() && !Uuid::Parse(item.record_id))
      Add(Rule::kItemInvalid, activity, {std::to_string(item.index), "ItemId", "not a UUID"});
  }

  // The header names the group, the nested items name the segments.
  void CheckSegment(const Activity& activity, std::span<const Item> items) {
    if (items.size() == 1 && items.front().record_id.empty())
      Add(Rule::kTileNotConfigured, activity, {std::string(kSegmentItem)});
    for (const Item& item : items.subspan(1))
      if (item.record_id.empty()) Add(Rule::kSegmentNotLive, activity);
  }

  // A content tile names its content itself or in a nested item. Items nested in other tiles are content of those
  // tiles.
  void CheckContent(const Activity& activity, std::span<const Item> items) {
    const bool nested = std::ranges::any_of(items.subspan(1), [](const Item& item) { return IsContent(item.type); });
    for (const Item& item : items) {
      const bool group = item.index == 0 && nested;
      if (IsContent(item.type) && item.record_id.empty() && !group) Add(Rule::kContentNotLive, activity, {item.type});
    }
  }

  void CheckTrigger(const Activity& activity, const Item& header) {
    const auto conditions = definition_.ConditionsOf(header);
    if (conditions.empty()) return Add(Rule::kTileNotConfigured, activity, {"ConditionExpressions"});
    for (const Condition& condition : conditions) {
      if (!condition.condition_given) Add(Rule::kTileNotConfigured, activity, {"Condition"});
      CheckSource(activity, condition);
    }
  }

  void CheckSource(const Activity& activity, const Condition& condition) {
    if (!condition.source) return Add(Rule::kTriggerSourceUnknown, activity);
    const std::size_t source = tree_.FindItem(*condition.source);
    if (source == kNone) return Add(Rule::kTriggerSourceUnknown, activity, {std::to_string(*condition.source)});
    const Item& item = definition_.items[source];
    if (item.type == kEmail && (item.record_id.empty() || journey_.content_settings_id().empty()))
      Add(Rule::kConditionSourceNotLive, activity, {std::to_string(*condition.source)});
  }

  const CustomerJourney& journey_;
  const Definition& definition_;
  const Tree& tree_;
  FaultList& faults_;
  std::vector<bool> has_branch_;  // of a Splitter, by activity
};

// The rules about what a deployment reports about the records.
class RecordChecker {
 public:
  RecordChecker(const CustomerJourney& journey, const Definition& definition, const Tree& tree, FaultList& faults)
      : definition_(definition), tree_(tree), faults_(faults), uses_(RecordsUsed(journey, definition, &items_)) {}

  void CheckRecords(const RecordStates& records) {
    std::vector<RecordState> states = records.StatesOf(uses_);
    states.resize(uses_.size(), RecordState::kNotSaid);
    std::vector<bool> bad_emails(definition_.items.size());
    bool bad_settings = false;
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      const bool bad = states[i] == RecordState::kMissing || states[i] == RecordState::kNotLive;
      if (bad) AddBad(i);
      if (states[i] == RecordState::kTooLarge && uses_[i].kind == RecordKind::kEmail)
        Add(Rule::kEmailTooLarge, i, {uses_[i].id});
      if (bad && uses_[i].kind == RecordKind::kEmail) bad_emails[items_[i]] = true;
      if (bad && uses_[i].kind == RecordKind::kContentSettings) bad_settings = true;
    }
    CheckConditions(bad_emails, bad_settings);
  }

 private:
  const Activity& ActivityOf(std::size_t item) const { return definition_.activities[tree_.ActivityOf(item)]; }

  void Add(Rule rule, std::size_t use, std::vector<std::string> arguments) {
    if (items_[use] == kNone) return faults_.Add(rule, FaultList::kJourney, "", std::move(arguments));
    const Activity& activity = ActivityOf(items_[use]);
    faults_.Add(rule, activity.position, activity.id, std::move(arguments));
  }

  void AddBad(std::size_t use) {
    const std::string& id = uses_[use].id;
    switch (uses_[use].kind) {
      case RecordKind::kSegment:
      case RecordKind::kSuppressionSegment:
        return Add(Rule::kSegmentNotLive, use, {id});
      case RecordKind::kContentSettings:
        // Content settings render only mails: without a mail they do not matter.
        if (Mails(definition_)) Add(Rule::kContentSettingsNotLive, use, {id});
        return;
      case RecordKind::kEmail:
        return Add(Rule::kEmailNotLive, use, {id});
      case RecordKind::kWorkflow:
        return Add(Rule::kWorkflowNotUsable, use, {id});
      case RecordKind::kPage:
      case RecordKind::kForm:
      case RecordKind::kEvent:
      case RecordKind::kSurvey:
      case RecordKind::kLinkedInCampaign:
      case RecordKind::kActivityTemplate:
        return Add(Rule::kContentNotLive, use, {definition_.items[items_[use]].type, id});
    }
  }

  void CheckConditions(const std::vector<bool>& bad_emails, bool bad_settings) {
    for (const Activity& activity : definition_.activities) {
      const auto items = definition_.ItemsOf(activity);
      if (activity.type != kTrigger || items.empty()) continue;
      for (const Condition& condition : definition_.ConditionsOf(items.front())) {
        const std::size_t source = condition.source ? tree_.FindItem(*condition.source) : kNone;
        if (source == kNone || definition_.items[source].type != kEmail) continue;
        if (bad_emails[source] || bad_settings)
          faults_.Add(Rule::kConditionSourceNotLive, activity.position, activity.id,
                      {std::to_string(*condition.source)});
      }
    }
  }

  const Definition& definition_;
  const Tree& tree_;
  FaultList& faults_;
  std::vector<std::size_t> items_;  // by use
  const std::vector<RecordUse> uses_;
};

}  // namespace

void CheckTiles(const CustomerJourney& journey, const Definition& definition, const Tree& tree, FaultList& faults) {
  TileChecker(journey, definition, tree, faults).CheckTiles();
}

void CheckRecords(const CustomerJourney& journey, const Definition& definition, const Tree& tree,
                  const RecordStates& records, FaultList& faults) {
  RecordChecker(journey, definition, tree, faults).CheckRecords(records);
}

}  // namespace journeyfeed::customer_journey
