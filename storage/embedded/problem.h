// The errors of the embedded cluster. The messages name paths and programs: they are for the operator (log, stderr) and
// never reach a caller.
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

#include "storage/failure.h"

namespace journeyfeed::embedded {

// An operator must act before another attempt can succeed; the message says what to do.
inline std::unexpected<Failure> NeedsAction(std::string message) {
  return std::unexpected(Failure{entity::v1::ERROR_REASON_INVALID_ARGUMENT, std::move(message)});
}

// Another attempt may succeed without an operator.
inline std::unexpected<Failure> MayPass(std::string message) {
  return std::unexpected(Unavailable(std::move(message)));
}

// ": Permission denied", to end a message about the system call that has just failed.
inline std::string Because(int error = errno) { return std::string(": ") + std::strerror(error); }

}  // namespace journeyfeed::embedded
