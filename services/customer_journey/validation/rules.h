// The rules that a journey is checked against (docs/dataverse.md 6.6, 6.7): one row each. Their order is the order of
// faults.
#pragma once

#include <span>
#include <string_view>

namespace journeyfeed::customer_journey {

// Valid informs, Warning does not block, Error blocks.
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
  kSegmentNotLive,  // also of the suppression segment
  // The definition as a whole.
  kDefinitionInvalid,
  kDefinitionTooLarge,
  kRootMissing,
  kRootDuplicate,
  // The activities, each at its place in the definition.
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
  // About the check itself.
  kTooManyFaults,
};

struct RuleText {
  Rule rule;
  std::string_view code;
  Level level;
  std::string_view meaning;    // for people, one sentence
  std::string_view arguments;  // the contents of ErrorMessageArguments; empty: none
};

// All rules, in the order of the enum.
std::span<const RuleText> AllRules();
const RuleText& Describe(Rule rule);

// Finds a rule by its code; null for an unknown code.
const RuleText* FindRule(std::string_view code);

}  // namespace journeyfeed::customer_journey
