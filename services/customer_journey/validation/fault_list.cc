#include "services/customer_journey/validation/fault_list.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "storage/base/utf8.h"

namespace journeyfeed::customer_journey {
namespace {

constexpr std::size_t kMostFaults = 1000;
// Keeps the JSON of a full list within the column (a control character takes six bytes there).
constexpr std::size_t kMostBytes = 128 * 1024;
constexpr std::size_t kLongestText = 100;

}  // namespace

std::string Shortened(std::string_view text) { return std::string(Utf8Prefix(text, kLongestText)); }

void FaultList::Add(Rule rule, std::size_t position, std::string_view activity_id, std::vector<std::string> arguments) {
  ++total_;
  if (found_.size() >= kMostFaults || bytes_ >= kMostBytes) return;
  Fault fault{.code = std::string(Describe(rule).code),
              .activity_id = Shortened(activity_id),
              .level = Describe(rule).level,
              .arguments = std::move(arguments)};
  bytes_ += fault.activity_id.size();
  for (std::string& argument : fault.arguments) {
    argument = Shortened(argument);
    bytes_ += argument.size();
  }
  found_.push_back({position, rule, std::move(fault)});
}

ValidationResult FaultList::TakeResult() && {
  std::ranges::stable_sort(found_, {}, [](const Found& found) { return std::tuple(found.position, found.rule); });
  ValidationResult result;
  result.faults.reserve(found_.size() + 1);
  for (Found& found : found_) result.faults.push_back(std::move(found.fault));
  if (total_ > result.faults.size()) {
    const RuleText& text = Describe(Rule::kTooManyFaults);
    result.faults.push_back({std::string(text.code), "", text.level, {std::to_string(total_)}});
  }
  return result;
}

}  // namespace journeyfeed::customer_journey
