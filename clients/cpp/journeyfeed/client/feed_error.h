// Why a stream of the feed ended.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <optional>
#include <string>

namespace journeyfeed::client {

struct FeedError {
  grpc::Status status;      // not OK; its details are a google.rpc.Status
  std::string reason = {};  // of google.rpc.ErrorInfo, "EXPIRED_VERSION_STAMP"; empty: the service gave none
  std::string action = {};  // what to do about it; may be empty
  std::optional<std::chrono::milliseconds> retry_after = {};  // the service asks for this pause at least
  std::string correlation_id = {};                            // finds the call in the service's log

  // Whether the same stream may succeed later: the service could not serve it now, or the connection broke.
  bool MayRetry() const;
  // The token cannot be continued: its history is no longer kept, or was lost in a failover or restore.
  bool IsExpired() const { return reason == "EXPIRED_VERSION_STAMP"; }
  bool IsOfLostHistory() const { return reason == "FEED_HISTORY_CHANGED"; }

  // One line: code, reason, message.
  std::string ToText() const;
};

// Reads the details of a status that is not OK.
FeedError ReadError(const grpc::Status& status);

}  // namespace journeyfeed::client
