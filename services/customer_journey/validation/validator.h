// The error check of a journey (docs/dataverse.md 6.6): the answer of msdyncrm_CustomerJourneyValidate, and the check
// before going live. Pure except for the plugged RecordStates; thread-safe. Cost and memory are bounded whatever the
// definition contains.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/validation/records.h"
#include "services/customer_journey/validation/rules.h"
#include "storage/types.h"

namespace journeyfeed::customer_journey {

struct Fault {
  std::string code;         // RuleText::code
  std::string activity_id;  // empty: the journey or its definition as a whole
  Level level = Level::kError;
  std::vector<std::string> arguments = {};

  bool operator==(const Fault&) const = default;
};

struct ValidationResult {
  // First the faults of the journey's columns, then those of the definition as a whole, then those of the activities in
  // the order of the definition; within each in the order of the rules. At most 1,000, with at most 128 KiB of text; a
  // last ErrorTooManyFaults counts the rest. Long texts of the definition are cut.
  std::vector<Fault> faults;

  // The worst level; Valid if there are no faults.
  Level level() const;
  // Whether the journey may go live.
  bool passed() const { return level() != Level::kError; }
};

struct Context {
  // The time of going live, for the rules of the clock. Without it they do not apply.
  std::optional<Timestamp> going_live_at = {};
  // Knows the records of other services; without it they are not checked.
  const RecordStates* records = nullptr;
};

ValidationResult Validate(const customerjourney::v1::CustomerJourney& journey, const Context& context);

// The text of the action's answer, which the column validation_results also holds:
// {"ActivityValidationResults":[{"ActivityId":"","Fault":"…","Result":"Error","ErrorMessageArguments":[]}],"Result":"Error"}
std::string ToDataverseJson(const ValidationResult& result);

}  // namespace journeyfeed::customer_journey
