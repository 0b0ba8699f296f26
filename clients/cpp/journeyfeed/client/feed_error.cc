#include "journeyfeed/client/feed_error.h"

#include <google/protobuf/util/time_util.h>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "journeyfeed/entity/v1/error_reason.pb.h"
#include "journeyfeed/entity/v1/options.pb.h"

namespace journeyfeed::client {
namespace {

using google::protobuf::util::TimeUtil;

// What the protos say about a reason; empty for one that this release does not know.
std::string ActionOf(const std::string& reason) {
  const auto* value = entity::v1::ErrorReason_descriptor()->FindValueByName("ERROR_REASON_" + reason);
  return value ? value->options().GetExtension(entity::v1::value).error().action() : "";
}

}  // namespace

bool FeedError::MayRetry() const {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return true;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return retry_after.has_value();
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::INTERNAL:
      return reason.empty();  // not the service's word: a proxy or the transport broke the stream
    default:
      return false;
  }
}

std::string FeedError::ToText() const {
  std::string text = google::rpc::Code_Name(static_cast<google::rpc::Code>(status.error_code()));
  if (!reason.empty()) text += " / " + reason;
  return text + ": " + status.error_message();
}

FeedError ReadError(const grpc::Status& status) {
  FeedError error{.status = status};
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return error;
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    if (any.UnpackTo(&info)) {
      error.reason = info.reason();
      error.action = ActionOf(info.reason());
    } else if (any.UnpackTo(&retry)) {
      error.retry_after = std::chrono::milliseconds(TimeUtil::DurationToMilliseconds(retry.retry_delay()));
    }
  }
  return error;
}

}  // namespace journeyfeed::client
