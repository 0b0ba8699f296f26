#include "services/customer_journey/validation/definition_reader.h"

#include <limits>
#include <string_view>
#include <utility>

namespace journeyfeed::customer_journey {
namespace {

constexpr std::size_t kMostProblems = 1000;

// In the order of ActivityField.
constexpr std::string_view kActivityFields[] = {"ActivityId",     "ParentActivityId",       "ActivityTypeId",
                                                "ParentBranchId", "ParentRelationshipType", "EntityTarget",
                                                "Properties"};
constexpr std::string_view kPropertiesFields[] = {"Items"};

enum ItemField {
  kItemId,
  kType,
  kActivityItemId,
  kName,
  kSourceType,
  kConditionList,
  kTemplateTable,
  kActivityName,
  kFirstSchedule
};
// From "OffsetType" on: each sets when a Scheduler releases.
constexpr std::string_view kItemFields[] = {"ItemId",
                                            "ActivityTypeId",
                                            "ActivityItemId",
                                            "Name",
                                            "SegmentSourceType",
                                            "ConditionExpressions",
                                            "TemplateEntityLogicalName",
                                            "ActivityTypeName",
                                            "OffsetType",
                                            "ScheduledDurationValue",
                                            "ScheduledHour",
                                            "WaitUntilFromHour",
                                            "WaitUntilToHour"};
constexpr std::string_view kConditionFields[] = {"SourceActivityItemId", "Condition"};

template <std::size_t N>
int Find(const std::string_view (&names)[N], std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<int>(i);
  return -1;
}

}  // namespace

bool DefinitionReader::null() { return TakeScalar({Scalar::Kind::kNull}); }
bool DefinitionReader::boolean(bool value) { return TakeScalar({Scalar::Kind::kBoolean, value}); }
bool DefinitionReader::number_integer(std::int64_t value) { return TakeScalar({Scalar::Kind::kInteger, value}); }
bool DefinitionReader::number_unsigned(std::uint64_t value) {
  if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return TakeScalar({Scalar::Kind::kNumber});
  return TakeScalar({Scalar::Kind::kInteger, static_cast<std::int64_t>(value)});
}
bool DefinitionReader::number_float(double, const std::string&) { return TakeScalar({Scalar::Kind::kNumber}); }
bool DefinitionReader::string(std::string& value) { return TakeScalar({Scalar::Kind::kText, 0, &value}); }

bool DefinitionReader::TakeScalar(Scalar value) {
  if (skipping_ > 0) return true;
  switch (level_) {
    case Level::kTop:
      return Stop(Rule::kDefinitionInvalid, {"not an array"});
    case Level::kActivities:
    case Level::kItems:
    case Level::kConditions:
      NoEntry("not an object");
      return true;
    case Level::kActivity:
      TakeForActivity(value);
      return true;
    case Level::kItem:
      TakeForItem(value);
      return true;
    case Level::kCondition:
      TakeForCondition(value);
      return true;
    case Level::kProperties:
      if (field_ == 0 && value.kind != Scalar::Kind::kNull) WrongType();
      return true;
  }
  return true;
}

void DefinitionReader::TakeForActivity(Scalar value) {
  if (field_ < 0 || value.kind == Scalar::Kind::kNull) return;
  Activity& activity = out_.activities.back();
  switch (static_cast<ActivityField>(field_)) {
    case ActivityField::kId:
      return SetText(value, activity.id);
    case ActivityField::kParent:
      return SetText(value, activity.parent);
    case ActivityField::kType:
      return SetText(value, activity.type);
    case ActivityField::kBranch:
      return SetInteger(value, activity.branch);
    case ActivityField::kRelationship:
      return SetText(value, activity.relationship);
    case ActivityField::kEntityTarget:
      return SetText(value, activity.entity_target);
    case ActivityField::kProperties:
      return WrongType();
  }
}

void DefinitionReader::TakeForItem(Scalar value) {
  if (field_ < 0 || value.kind == Scalar::Kind::kNull) return;
  Item& item = out_.items.back();
  switch (field_) {
    case kItemId:
      return SetText(value, item.record_id);
    case kType:
      return SetText(value, item.type);
    case kActivityItemId:
      return SetInteger(value, item.item_id);
    case kName:
      return SetText(value, item.name);
    case kSourceType:
      return SetText(value, item.source_type);
    case kConditionList:
      return WrongType();
    case kTemplateTable:
      return SetText(value, item.template_table);
    case kActivityName:
      item.settings |= kNamesActivity;
      return;
    default:
      item.settings |= kSchedules;
  }
}

void DefinitionReader::TakeForCondition(Scalar value) {
  Condition& condition = out_.conditions.back();
  if (field_ == 0 && value.kind != Scalar::Kind::kNull) SetInteger(value, condition.source);
  if (field_ == 1) condition.condition_given = value.kind == Scalar::Kind::kText && !value.text->empty();
}

bool DefinitionReader::start_object(std::size_t) {
  if (skipping_ > 0) return Skip();
  switch (level_) {
    case Level::kTop:
      return Stop(Rule::kDefinitionInvalid, {"not an array"});
    case Level::kActivities:
      return StartActivity();
    case Level::kActivity:
      if (field_ != static_cast<int>(ActivityField::kProperties)) break;
      level_ = Level::kProperties;
      seen_properties_ = 0;
      return true;
    case Level::kItems:
      return StartItem();
    case Level::kConditions:
      return StartCondition();
    default:
      break;
  }
  WrongType();
  return Skip();
}

bool DefinitionReader::start_array(std::size_t) {
  if (skipping_ > 0) return Skip();
  switch (level_) {
    case Level::kTop:
      level_ = Level::kActivities;
      return true;
    case Level::kProperties:
      if (field_ != 0) break;
      level_ = Level::kItems;
      return true;
    case Level::kItem:
      if (field_ != kConditionList) break;
      level_ = Level::kConditions;
      return true;
    case Level::kActivities:
    case Level::kItems:
    case Level::kConditions:
      NoEntry("not an object");
      return Skip();
    default:
      break;
  }
  WrongType();
  return Skip();
}

bool DefinitionReader::key(std::string& name) {
  if (skipping_ > 0) return true;
  unsigned* seen = nullptr;
  switch (level_) {
    case Level::kActivity:
      field_ = Find(kActivityFields, name);
      seen = &seen_activity_;
      break;
    case Level::kProperties:
      field_ = Find(kPropertiesFields, name);
      seen = &seen_properties_;
      break;
    case Level::kItem:
      field_ = Find(kItemFields, name);
      seen = &seen_item_;
      break;
    case Level::kCondition:
      field_ = Find(kConditionFields, name);
      seen = &seen_condition_;
      break;
    default:
      return true;
  }
  if (field_ < 0) return true;
  const unsigned bit = 1U << field_;
  if ((*seen & bit) != 0) Wrong("there twice");
  *seen |= bit;
  return true;
}

bool DefinitionReader::Skip() {
  ++skipping_;
  return true;
}

bool DefinitionReader::End() {
  if (skipping_ > 0) {
    --skipping_;
    return true;
  }
  field_ = -1;
  // Each level is entered from the one before it.
  if (level_ != Level::kTop) level_ = static_cast<Level>(static_cast<int>(level_) - 1);
  return true;
}

bool DefinitionReader::StartActivity() {
  if (out_.activities.size() == kMostActivities)
    return Stop(Rule::kDefinitionTooLarge, {"activities", std::to_string(kMostActivities)});
  Activity activity;
  activity.position = ++entries_;
  activity.first_item = out_.items.size();
  out_.activities.push_back(std::move(activity));
  level_ = Level::kActivity;
  field_ = -1;
  seen_activity_ = 0;
  return true;
}

bool DefinitionReader::StartItem() {
  if (out_.items.size() == kMostItems) return Stop(Rule::kDefinitionTooLarge, {"items", std::to_string(kMostItems)});
  Item item;
  item.index = out_.activities.back().item_count++;
  item.first_condition = out_.conditions.size();
  out_.items.push_back(std::move(item));
  level_ = Level::kItem;
  field_ = -1;
  seen_item_ = 0;
  return true;
}

bool DefinitionReader::StartCondition() {
  if (out_.conditions.size() == kMostConditions)
    return Stop(Rule::kDefinitionTooLarge, {"conditions", std::to_string(kMostConditions)});
  ++out_.items.back().condition_count;
  out_.conditions.emplace_back();
  level_ = Level::kCondition;
  field_ = -1;
  seen_condition_ = 0;
  return true;
}

void DefinitionReader::SetText(Scalar value, std::string& field) {
  if (value.kind != Scalar::Kind::kText) return WrongType();
  field = std::move(*value.text);
}

void DefinitionReader::SetInteger(Scalar value, std::optional<std::int64_t>& field) {
  if (value.kind != Scalar::Kind::kInteger) return WrongType();
  field = value.integer;
}

void DefinitionReader::WrongType() { Wrong("wrong type"); }

// Reports a problem of the current field, if the reader looks at that field.
void DefinitionReader::Wrong(std::string problem) {
  if (field_ < 0) return;
  Activity& activity = out_.activities.back();
  const auto report = [&](Rule rule, std::vector<std::string> arguments) {
    arguments.push_back(std::move(problem));
    Report({rule, activity.position, out_.activities.size() - 1, std::move(arguments)});
  };
  switch (level_) {
    case Level::kActivity:
      activity.wrong |= 1U << field_;
      return report(Rule::kActivityInvalid, {std::string(kActivityFields[field_])});
    case Level::kProperties:
      activity.wrong |= 1U << static_cast<int>(ActivityField::kProperties);
      return report(Rule::kActivityInvalid, {"Properties." + std::string(kPropertiesFields[field_])});
    case Level::kItem:
      if (field_ == kActivityItemId) out_.items.back().item_id_wrong = true;
      return report(Rule::kItemInvalid, {std::to_string(out_.items.back().index), std::string(kItemFields[field_])});
    case Level::kCondition:
      return report(Rule::kItemInvalid, {std::to_string(out_.items.back().index),
                                         "ConditionExpressions." + std::string(kConditionFields[field_])});
    default:
      return;
  }
}

// Reports an entry of a known array that is not an object.
void DefinitionReader::NoEntry(std::string what) {
  if (level_ == Level::kActivities) {
    ++entries_;
    return Report({Rule::kActivityInvalid, entries_, std::nullopt, {std::to_string(entries_ - 1), std::move(what)}});
  }
  const Activity& activity = out_.activities.back();
  const std::size_t item =
      level_ == Level::kItems ? activity.item_count : out_.items.back().index;  // the expected item
  Report(
      {Rule::kItemInvalid,
       activity.position,
       out_.activities.size() - 1,
       {std::to_string(item), level_ == Level::kItems ? "Properties.Items" : "ConditionExpressions", std::move(what)}});
}

bool DefinitionReader::Stop(Rule rule, std::vector<std::string> arguments) {
  Report({rule, 0, std::nullopt, std::move(arguments)});
  return false;
}

bool DefinitionReader::parse_error(std::size_t offset, const std::string&, const nlohmann::json::exception& error) {
  constexpr int kOutOfRange = 406;
  return Stop(Rule::kDefinitionInvalid,
              {error.id == kOutOfRange ? "a number is out of range" : "not JSON", std::to_string(offset)});
}

void DefinitionReader::Report(Problem problem) {
  ++out_.problems_total;
  // The reason why reading ended early is always kept: nothing follows it.
  if (out_.problems.size() >= kMostProblems && problem.position != 0) return;
  out_.problems.push_back(std::move(problem));
}

Definition ReadDefinition(std::string_view json) {
  Definition definition;
  DefinitionReader reader(definition);
  definition.complete = nlohmann::json::sax_parse(json, &reader);
  return definition;
}

}  // namespace journeyfeed::customer_journey
