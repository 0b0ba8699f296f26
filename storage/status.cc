#include "storage/status.h"

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

Status InvalidFields(std::vector<FieldViolation> violations, std::size_t more) {
  assert(!violations.empty());
  Status status{.reason = violations.front().reason, .message = Summary(violations, more)};
  status.violations = std::move(violations);
  status.more_violations = more;
  return status;
}

Status Unavailable(std::string message, std::chrono::milliseconds retry_after) {
  Status status{.reason = entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE, .message = std::move(message)};
  status.retry_after = retry_after;
  return status;
}

}  // namespace journeyfeed
