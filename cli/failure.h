// Why a command failed, found by the service or here before anything was sent.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/rpc/status.pb.h"
#include "storage/failure.h"

namespace journeyfeed::cli {

// Exit codes 1 to 16 are the numbers of gRPC codes; these two are from <sysexits.h>.
inline constexpr int kUsageExit = 64;
inline constexpr int kFilesExit = 74;

struct Violation {
  std::string field;
  std::string description;
  std::string reason = {};
};

struct CommandFailure {
  int exit_code = 0;
  std::string code;    // "NOT_FOUND"; empty if this program itself found the failure
  std::string reason;  // "OBJECT_DOES_NOT_EXIST"; empty: none given
  std::string hex;     // Dataverse's code
  std::string message;
  std::vector<Violation> violations = {};
  std::size_t violations_total = 0;  // more than listed if the answer had no room for all
  std::vector<std::pair<std::string, std::string>> details = {};
  std::string action = {};  // what to do about it
  std::optional<std::chrono::milliseconds> retry_after = {};
  std::string correlation_id = {};
  std::string request_id = {};  // of a write that may be sent again
  bool silent = false;          // print nothing
};

template <typename T>
using Outcome = std::expected<T, CommandFailure>;

// The command line is wrong.
CommandFailure UsageFailure(std::string message);
// A file, or standard input or output, cannot be used. `error` is an errno.
CommandFailure FileFailure(std::string_view what, int error);
// The reader of the standard output has closed it: not an error.
CommandFailure ReaderGone();

// The outcome of a call; its code is not OK.
CommandFailure FromCall(const grpc::Status& status);
// The outcome of one row of a bulk call; its code is not OK.
CommandFailure FromRow(const google::rpc::Status& status);
// A signal or the caller asked the program to end before it was done.
CommandFailure Interrupted(std::string message);
// A problem that the JSON codec found in a body; looks like one that the service found.
CommandFailure FromBody(const Failure& status);

}  // namespace journeyfeed::cli
