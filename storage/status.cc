#include "storage/status.h"

#include <cassert>

namespace journeyfeed {
namespace {

// The message is read by people: it names the first fields only. All of them are in `violations`.
constexpr std::size_t kNamedFields = 3;

std::string Summary(const std::vector<FieldViolation>& violations) {
  std::string summary =
      violations.size() == 1 ? "1 invalid field: " : std::to_string(violations.size()) + " invalid fields: ";
  for (std::size_t i = 0; i < violations.size() && i < kNamedFields; ++i) {
    if (i > 0) summary += "; ";
    summary += violations[i].field + ": " + violations[i].description;
  }
  if (violations.size() > kNamedFields) summary += "; ...";
  return summary;
}

}  // namespace

Status InvalidFields(std::vector<FieldViolation> violations) {
  assert(!violations.empty());
  Status status{.reason = violations.front().reason, .message = Summary(violations)};
  status.violations = std::move(violations);
  return status;
}

Status Unavailable(std::string message, std::chrono::milliseconds retry_after) {
  Status status{.reason = entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE, .message = std::move(message)};
  status.retry_after = retry_after;
  return status;
}

}  // namespace journeyfeed
