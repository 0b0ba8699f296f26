// Collects faults within limits, and sorts them at the end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "services/customer_journey/validation/validator.h"

namespace journeyfeed::customer_journey {

class FaultList {
 public:
  // `position` orders the activities; kJourney for faults that belong to no activity.
  static constexpr std::size_t kJourney = 0;
  void Add(Rule rule, std::size_t position, std::string_view activity_id, std::vector<std::string> arguments = {});
  // Counts faults that were found and are not kept.
  void Miss(std::size_t count) { total_ += count; }

  // Sorts by position, then by rule, then in the order of finding.
  ValidationResult TakeResult() &&;

 private:
  struct Found {
    std::size_t position;
    Rule rule;
    Fault fault;
  };
  std::vector<Found> found_;
  std::size_t bytes_ = 0;
  std::size_t total_ = 0;
};

// The beginning of a text: at most 100 bytes, whole characters.
std::string Shortened(std::string_view text);

}  // namespace journeyfeed::customer_journey
