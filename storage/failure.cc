#include "storage/failure.h"

#include <cassert>

namespace journeyfeed {
namespace {

// The message is for people and names only the first fields. All are in `violations`.
constexpr std::size_t kNamedFields = 3;

std::string Summary(const std::vector<FieldViolation>& violations, std::size_t more) {
  const std::size_t total = violations.size() + more;
  std::string summary = total == 1 ? "1 invalid field: " : std::to_string(total) + " invalid fields: ";
  for (std::size_t i = 0; i < violations.size() && i < kNamedFields; ++i) {
    if (i > 0) summary += "; ";
    summary += violations[i].field + ": " + violations[i].description;
  }
  if (total > kNamedFields) summary += "; ...";
  return summary;
}

}  // namespace

Failure InvalidFields(std::vector<FieldViolation> violations, std::size_t more) {
  assert(!violations.empty());
  Failure failure{.reason = violations.front().reason, .message = Summary(violations, more)};
  failure.violations = std::move(violations);
  failure.more_violations = more;
  return failure;
}

Failure Unavailable(std::string message, std::chrono::milliseconds retry_after) {
  Failure failure{.reason = entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE, .message = std::move(message)};
  failure.retry_after = retry_after;
  return failure;
}

}  // namespace journeyfeed
