// The one error value of journeyfeed. A Failure is made from an ErrorReason, whose gRPC code and hex code are
// options of the enum (proto/journeyfeed/entity/v1/error_reason.proto); nothing else decides a code.
// Translated in exactly two tables: SQLSTATE -> Failure (storage/postgres/connection/sql_state.cc) and
// Failure -> gRPC (services/call/wire_status.cc).
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "journeyfeed/entity/v1/error_reason.pb.h"

namespace journeyfeed {

using ErrorReason = entity::v1::ErrorReason;

// One bad field of a request. `field` is the proto path of the request ("target.name", "targets[3].name").
struct FieldViolation {
  std::string field;
  std::string description;
  ErrorReason reason;
};

// Never holds SQL, a file path, or another caller's data: it goes to the caller as it is.
struct Failure {
  ErrorReason reason;
  std::string message;
  // The dynamic parts of the message, keys in lower snake case.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  // The violations that were found. The wire form is limited; its `violations_total` counts them all.
  std::vector<FieldViolation> violations = {};
  // Further violations, if a request has too many to list.
  std::size_t more_violations = 0;
  // Set if the same call may succeed when it is sent again after this time.
  std::optional<std::chrono::milliseconds> retry_after = {};

  Failure With(std::string key, std::string value) && {
    metadata.emplace_back(std::move(key), std::move(value));
    return std::move(*this);
  }
};

template <typename T>
using Result = std::expected<T, Failure>;

// The failure of a request with bad fields: the reason of the first violation, and all of them listed, with `more` that
// are not. Precondition: not empty.
Failure InvalidFields(std::vector<FieldViolation> violations, std::size_t more = 0);

// A dependency cannot be used now; nothing was changed. Reason SERVICE_UNAVAILABLE with RetryInfo.
Failure Unavailable(std::string message, std::chrono::milliseconds retry_after = std::chrono::milliseconds(500));

}  // namespace journeyfeed
