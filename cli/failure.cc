#include "cli/failure.h"

#include <charconv>
#include <cstring>

#include "google/rpc/error_details.pb.h"
#include "storage/dictionary/error_reason.h"
#include "storage/proto_time.h"

namespace journeyfeed::cli {
namespace {

std::string CodeName(int code) {
  return google::rpc::Code_IsValid(code) ? google::rpc::Code_Name(static_cast<google::rpc::Code>(code)) : "UNKNOWN";
}

void AddDetail(const google::rpc::ErrorInfo& info, CommandFailure& failure) {
  failure.reason = info.reason();
  for (const auto& [key, value] : info.metadata()) {
    if (key == "code") {
      failure.hex = value;
    } else if (key == "violations_total") {
      std::from_chars(value.data(), value.data() + value.size(), failure.violations_total);
    } else {
      failure.details.emplace_back(key, value);
    }
  }
  ErrorReason reason{};
  if (entity::v1::ErrorReason_Parse("ERROR_REASON_" + info.reason(), &reason)) {
    failure.action = dictionary::DescribeReason(reason).action();
  }
}

void AddDetail(const google::rpc::BadRequest& bad_request, CommandFailure& failure) {
  for (const auto& violation : bad_request.field_violations()) {
    failure.violations.push_back({violation.field(), violation.description(), violation.reason()});
  }
}

void AddDetail(const google::rpc::RetryInfo& retry, CommandFailure& failure) {
  failure.retry_after = FromProto(retry.retry_delay());
}

template <typename Detail>
void TakeIf(const google::protobuf::Any& any, CommandFailure& failure) {
  Detail detail;
  if (any.Is<Detail>() && any.UnpackTo(&detail)) AddDetail(detail, failure);
}

}  // namespace

CommandFailure UsageFailure(std::string message) {
  CommandFailure failure;
  failure.exit_code = kUsageExit;
  failure.message = std::move(message);
  return failure;
}

CommandFailure FileFailure(std::string_view what, int error) {
  CommandFailure failure;
  failure.exit_code = kFilesExit;
  failure.message = std::string(what) + ": " + std::strerror(error);
  return failure;
}

CommandFailure ReaderGone() {
  CommandFailure failure;
  failure.silent = true;
  return failure;
}

CommandFailure FromCall(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) details.Clear();
  details.set_code(status.error_code());
  details.set_message(status.error_message());
  return FromRow(details);
}

CommandFailure FromRow(const google::rpc::Status& status) {
  CommandFailure failure;
  failure.exit_code = status.code();
  failure.code = CodeName(status.code());
  failure.message = status.message();
  for (const google::protobuf::Any& any : status.details()) {
    TakeIf<google::rpc::ErrorInfo>(any, failure);
    TakeIf<google::rpc::BadRequest>(any, failure);
    TakeIf<google::rpc::RetryInfo>(any, failure);
  }
  return failure;
}

CommandFailure Interrupted(std::string message) {
  CommandFailure failure;
  failure.exit_code = grpc::StatusCode::CANCELLED;
  failure.message = std::move(message);
  return failure;
}

CommandFailure FromBody(const Failure& status) {
  CommandFailure failure;
  failure.exit_code = dictionary::GrpcCode(status.reason);
  failure.code = CodeName(failure.exit_code);
  failure.reason = dictionary::ReasonName(status.reason);
  failure.hex = dictionary::HexCode(status.reason);
  failure.message = status.message;
  failure.action = dictionary::DescribeReason(status.reason).action();
  for (const FieldViolation& violation : status.violations) {
    failure.violations.push_back({violation.field, violation.description, dictionary::ReasonName(violation.reason)});
  }
  return failure;
}

}  // namespace journeyfeed::cli
