// How the embedded cluster fails. These messages name paths and programs: they are for the operator (log, stderr) and
// are never answered to a caller.
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

#include "storage/status.h"

namespace journeyfeed::embedded {

// Somebody has to act before another attempt can succeed; the message says what to do.
inline std::unexpected<Status> NeedsAction(std::string message) {
  return std::unexpected(Status{entity::v1::ERROR_REASON_INVALID_ARGUMENT, std::move(message)});
}

// Another attempt may succeed by itself.
inline std::unexpected<Status> MayPass(std::string message) { return std::unexpected(Unavailable(std::move(message))); }

// ": Permission denied", for the end of a message about the system call that has just failed.
inline std::string Because(int error = errno) { return std::string(": ") + std::strerror(error); }

}  // namespace journeyfeed::embedded
