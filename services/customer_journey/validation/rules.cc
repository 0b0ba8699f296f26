#include "services/customer_journey/validation/rules.h"

#include <algorithm>

namespace journeyfeed::customer_journey {
namespace {

using enum Rule;
using enum Level;

constexpr RuleText kRules[] = {
    {kNameMissing, "ErrorNameMissing", kError, "The journey has no name.", ""},
    {kStartAfterEnd, "ErrorStartDateAfterEndDate", kError,
     "Start and end must both be given, and the start must be before the end.", "the missing columns"},
    {kEndInPast, "ErrorEndDateInPast", kError, "The end has passed already. Only checked when the journey goes live.",
     ""},
    {kTimeZoneMissing, "ErrorTimeZoneMissing", kError, "No time zone is chosen.", ""},
    {kTimeZoneUnknown, "ErrorTimeZoneUnknown", kError, "No time zone has this code.", "the code"},
    {kRecurrenceValuesMissing, "ErrorRecurrenceValuesMissing", kError,
     "A recurring journey needs a count and an interval of at least 1.", "the columns"},
    {kRecurrenceDoesNotFit, "ErrorRecurringCampaignEndDateDoesNotFitRequestedIterations", kError,
     "The iterations (count times interval) do not fit between start and end.", ""},
    {kContentSettingsNotLive, "ErrorContentSettingsNotLive", kError,
     "A journey that mails needs content settings, and they must be live.", "their id, when they are chosen"},
    {kSegmentNotLive, "ErrorSegmentNotLive", kError, "A segment is not chosen, does not exist, or is not live.",
     "its id, when it is chosen"},
    {kDefinitionInvalid, "ErrorWorkflowDefinitionInvalid", kError,
     "The workflow definition is missing, no JSON, or not an array of activities.",
     "what is wrong; the byte at which it was found, when it is the JSON"},
    {kDefinitionTooLarge, "ErrorWorkflowDefinitionTooLarge", kError,
     "The workflow definition has too many activities, items or conditions to be checked.", "what, and the limit"},
    {kRootMissing, "ErrorRootMissing", kError, "No activity is of type bpf_root.", ""},
    {kRootDuplicate, "ErrorRootDuplicate", kError, "There is another activity of type bpf_root before this one.", ""},
    {kActivityInvalid, "ErrorActivityInvalid", kError,
     "A field of the activity is missing, of the wrong type, or there twice; or the entry of the array is no activity.",
     "the field, or the entry's index in the array; what is wrong"},
    {kActivityIdMissing, "ErrorActivityIdMissing", kError, "The activity has no ActivityId.", "its index in the array"},
    {kActivityIdDuplicate, "ErrorActivityIdDuplicate", kError, "An activity before this one has the same ActivityId.",
     "its index in the array"},
    {kActivityTypeUnknown, "WarningActivityTypeUnknown", kWarning,
     "The type of the activity is not one that is known here; nothing more is checked about it.", "the type"},
    {kParentMissing, "ErrorParentMissing", kError, "Every activity but the root has a parent, and the root has none.",
     "the parent of a root that has one"},
    {kParentUnknown, "ErrorParentUnknown", kError, "No activity has the id that is given as parent.", "that id"},
    {kCycle, "ErrorActivityCycle", kError, "The activity is its own ancestor.",
     "the ids of the cycle from this activity upwards, ten at most"},
    {kBranchInvalid, "ErrorBranchInvalid", kError, "ParentBranchId must be a whole number from 0.", ""},
    {kBranchDuplicate, "ErrorBranchDuplicate", kError,
     "A sibling before this activity has the same ParentBranchId and relationship.", "the number"},
    {kRelationshipInvalid, "ErrorRelationshipInvalid", kError,
     "ParentRelationshipType must be Default, below a Trigger YesBranch or NoBranch; these nowhere else.",
     "the relationship"},
    {kTriggerBranchDuplicate, "ErrorTriggerBranchDuplicate", kError,
     "A Trigger has at most one child on its yes branch and one on its no branch.", "the relationship"},
    {kSplitterBranchMisplaced, "ErrorSplitterBranchMisplaced", kError, "A SplitterBranch stands only below a Splitter.",
     "the type of the parent"},
    {kAudienceMissing, "ErrorAudienceMissing", kError,
     "The tiles below the root must set the audience: Segment, MarketingForm, LandingPage or RecordUpdate.",
     "the type that is there instead; nothing when the root has no tile"},
    {kEntityTargetInvalid, "ErrorEntityTargetInvalid", kError,
     "EntityTarget must be contact, or in a journey of accounts also account.", "the value"},
    {kItemInvalid, "ErrorItemInvalid", kError,
     "A field of an item is missing, of the wrong type, or there twice; or the first item is not of the activity's "
     "type.",
     "the item's index; the field; what is wrong"},
    {kItemIdDuplicate, "ErrorActivityItemIdDuplicate", kError,
     "An item before this one in the definition has the same ActivityItemId.", "the number"},
    {kTileNotConfigured, "ErrorTileNotConfigured", kError, "Something that the tile needs is not set.",
     "what is not set"},
    {kEmailNotLive, "ErrorEmailNotLive", kError, "An email is not chosen, does not exist, or is not live.",
     "its id, when it is chosen"},
    {kEmailTooLarge, "WarningEmailTooLarge", kWarning, "The email has more than 128 KB of HTML.", "its id"},
    {kContentNotLive, "ErrorContentNotLive", kError,
     "A page, form, event, survey or other content is not chosen, does not exist, or is not published.",
     "the type of the item; its id, when it is chosen"},
    {kWorkflowNotUsable, "ErrorWorkflowNotUsable", kError,
     "A workflow is not chosen, does not exist, or is not active, on demand and for contacts.",
     "its id, when it is chosen"},
    {kTriggerSourceUnknown, "ErrorTriggerSourceUnknown", kError,
     "A condition of the Trigger refers to an ActivityItemId that no item has.", "that number, when there is one"},
    {kConditionSourceNotLive, "ErrorConditionSourceNotLive", kError,
     "A condition is about an email that is not chosen or not live, or whose content settings are not.",
     "the ActivityItemId of the email"},
    {kTooManyFaults, "ErrorTooManyFaults", kError, "More faults were found than are listed.", "how many were found"},
};

constexpr bool InOrder() {
  for (int i = 0; const RuleText& text : kRules)
    if (static_cast<int>(text.rule) != i++) return false;
  return std::size(kRules) == static_cast<std::size_t>(kTooManyFaults) + 1;
}
static_assert(InOrder(), "a row for each rule, in the order of the enum");

}  // namespace

std::string_view NameOf(Level level) {
  switch (level) {
    case kValid:
      return "Valid";
    case kWarning:
      return "Warning";
    case kError:
      break;
  }
  return "Error";
}

std::span<const RuleText> AllRules() { return kRules; }

const RuleText& Describe(Rule rule) { return kRules[static_cast<int>(rule)]; }

const RuleText* FindRule(std::string_view code) {
  const auto* found = std::ranges::find(kRules, code, &RuleText::code);
  return found == std::end(kRules) ? nullptr : found;
}

}  // namespace journeyfeed::customer_journey
