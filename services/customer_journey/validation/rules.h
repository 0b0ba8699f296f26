// The rules that a journey is held against (docs/dataverse.md 6.6, 6.7): one row each. Their order is the order of
// faults.
#pragma once

#include <span>
#include <string_view>

namespace journeyfeed::customer_journey {

// Valid informs, Warning does not block, Error does.
enum class Level { kValid, kWarning, kError };

// "Valid", "Warning", "Error".
std::string_view NameOf(Level level);

enum class Rule {
  // The columns of the journey. These faults have no activity.
  kNameMissing,
  kStartAfterEnd,
  kEndInPast,
  kTimeZoneMissing,
  kTimeZoneUnknown,
  kRecurrenceValuesMissing,
  kRecurrenceDoesNotFit,
  kContentSettingsNotLive,
  kSegmentNotLive,  // of the suppression segment too
  // The definition as a whole.
  kDefinitionInvalid,
  kDefinitionTooLarge,
  kRootMissing,
  kRootDuplicate,
  // The activities, each where it stands in the definition.
  kActivityInvalid,
  kActivityIdMissing,
  kActivityIdDuplicate,
  kActivityTypeUnknown,
  kParentMissing,
  kParentUnknown,
  kCycle,
  kBranchInvalid,
  kBranchDuplicate,
  kRelationshipInvalid,
  kTriggerBranchDuplicate,
  kSplitterBranchMisplaced,
  kAudienceMissing,
  kEntityTargetInvalid,
  kItemInvalid,
  kItemIdDuplicate,
  kTileNotConfigured,
  kEmailNotLive,
  kEmailTooLarge,
  kContentNotLive,
  kWorkflowNotUsable,
  kTriggerSourceUnknown,
  kConditionSourceNotLive,
  // Of the check itself.
  kTooManyFaults,
};

struct RuleText {
  Rule rule;
  std::string_view code;
  Level level;
  std::string_view meaning;    // for people, one sentence
  std::string_view arguments;  // what ErrorMessageArguments holds; empty when nothing
};

// All of them, in the order of the enum.
std::span<const RuleText> AllRules();
const RuleText& Describe(Rule rule);

// By code, for those who only have the text; null for a code that is not ours.
const RuleText* FindRule(std::string_view code);

}  // namespace journeyfeed::customer_journey
