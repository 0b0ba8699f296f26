#include "services/call/wire_status.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "journeyfeed/entity/v1/options.pb.h"
#include "services/metrics.h"
#include "storage/base/utf8.h"
#include "storage/dictionary/error_reason.h"
#include "storage/proto_time.h"

namespace journeyfeed::call {
namespace {

constexpr std::size_t kMaxMessageBytes = 512;
constexpr std::size_t kMaxMetadataEntries = 12;
constexpr std::size_t kMaxMetadataKeyBytes = 64;
constexpr std::size_t kMaxMetadataValueBytes = 192;
constexpr std::size_t kMaxFieldBytes = 160;
constexpr std::size_t kMaxDescriptionBytes = 240;
constexpr std::size_t kAnyOverhead = 64;  // type URL, tags and lengths of one detail

google::rpc::ErrorInfo MakeErrorInfo(const Failure& failure) {
  google::rpc::ErrorInfo info;
  info.set_reason(dictionary::ReasonName(failure.reason));
  info.set_domain(kErrorDomain);
  auto& metadata = *info.mutable_metadata();
  for (const auto& [key, value] : failure.metadata) {
    if (metadata.size() == kMaxMetadataEntries) break;
    metadata[ValidUtf8(key, kMaxMetadataKeyBytes)] = ValidUtf8(value, kMaxMetadataValueBytes);
  }
  if (const std::string& hex = dictionary::HexCode(failure.reason); !hex.empty()) metadata["code"] = hex;
  if (!failure.violations.empty()) {
    metadata["violations_total"] = std::to_string(failure.violations.size() + failure.more_violations);
  }
  return info;
}

google::rpc::BadRequest MakeBadRequest(const std::vector<FieldViolation>& violations, std::size_t budget) {
  google::rpc::BadRequest bad_request;
  std::size_t size = 0;
  for (const FieldViolation& violation : violations) {
    google::rpc::BadRequest::FieldViolation entry;
    entry.set_field(ValidUtf8(violation.field, kMaxFieldBytes));
    entry.set_description(ValidUtf8(violation.description, kMaxDescriptionBytes));
    entry.set_reason(dictionary::ReasonName(violation.reason));
    size += entry.ByteSizeLong() + 3;  // tag and a length of up to two bytes
    if (size > budget) break;
    *bad_request.add_field_violations() = std::move(entry);
  }
  return bad_request;
}

google::rpc::RetryInfo MakeRetryInfo(std::chrono::milliseconds delay) {
  google::rpc::RetryInfo retry;
  ToProto(std::max(delay, std::chrono::milliseconds(0)), *retry.mutable_retry_delay());
  return retry;
}

// gRPC sends the message a second time outside the details, percent-encoded (three characters for each byte that is not
// printable ASCII). It counts against the same limit of 8 kB.
std::string HeaderMessage(const std::string& message) {
  const auto plain = [](char c) { return c >= 0x20 && c <= 0x7E && c != '%'; };
  const bool ascii = std::all_of(message.begin(), message.end(), plain);
  return ValidUtf8(message, ascii ? kMaxMessageBytes : kMaxMessageBytes / 2);
}

}  // namespace

grpc::StatusCode ReasonCode(ErrorReason reason) { return static_cast<grpc::StatusCode>(dictionary::GrpcCode(reason)); }

const std::string& CodeName(grpc::StatusCode code) {
  const int number = code >= 0 && code < kStatusCodes ? code : grpc::StatusCode::UNKNOWN;
  return google::rpc::Code_Name(static_cast<google::rpc::Code>(number));
}

google::rpc::Status ToRpcStatus(const Failure& failure, std::size_t max_bytes) {
  google::rpc::Status wire;
  wire.set_code(ReasonCode(failure.reason));
  wire.set_message(HeaderMessage(failure.message));
  wire.add_details()->PackFrom(MakeErrorInfo(failure));
  if (failure.retry_after) wire.add_details()->PackFrom(MakeRetryInfo(*failure.retry_after));
  const std::size_t used = wire.ByteSizeLong() + kAnyOverhead;
  if (!failure.violations.empty() && used < max_bytes) {
    wire.add_details()->PackFrom(MakeBadRequest(failure.violations, max_bytes - used));
  }
  return wire;
}

grpc::Status ToGrpcStatus(const Failure& failure) {
  const google::rpc::Status wire = ToRpcStatus(failure);
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
}

}  // namespace journeyfeed::call
