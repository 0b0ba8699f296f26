#include "services/call/wire_status.h"

#include <gtest/gtest.h>

#include "journeyfeed/entity/v1/options.pb.h"
#include "storage/base/utf8.h"
#include "storage/dictionary/error_reason.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed::call {
namespace {

using entity::v1::ERROR_REASON_INVALID_ARGUMENT;
using entity::v1::ERROR_REASON_OBJECT_DOES_NOT_EXIST;
using testing::DetailsOf;

TEST(WireStatus, CarriesReasonCodeAndDynamicParts) {
  const auto status = ToGrpcStatus(Failure{ERROR_REASON_OBJECT_DOES_NOT_EXIST, "No such record."}.With("id", "x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  const auto details = DetailsOf(status);
  EXPECT_EQ(details.info.reason(), "OBJECT_DOES_NOT_EXIST");
  EXPECT_EQ(details.info.metadata().at("code"), "0x80040217");
  EXPECT_EQ(details.info.metadata().at("id"), "x");
  EXPECT_FALSE(details.info.metadata().contains("violations_total"));
  EXPECT_EQ(details.bad_requests + details.retries, 0);
}

TEST(WireStatus, EveryReasonHasACode) {
  const auto* reasons = google::protobuf::GetEnumDescriptor<ErrorReason>();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const auto& error = reasons->value(i)->options().GetExtension(entity::v1::value).error();
    const auto reason = static_cast<ErrorReason>(reasons->value(i)->number());
    EXPECT_EQ(ReasonCode(reason), static_cast<grpc::StatusCode>(error.grpc_code())) << dictionary::ReasonName(reason);
    EXPECT_NE(ReasonCode(reason), grpc::StatusCode::OK);
    EXPECT_EQ("ERROR_REASON_" + dictionary::ReasonName(reason), reasons->value(i)->name());
  }
  EXPECT_EQ(ReasonCode(static_cast<ErrorReason>(99)), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ReasonCode(static_cast<ErrorReason>(-1)), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ReasonCode(static_cast<ErrorReason>(5000)), grpc::StatusCode::INTERNAL);
}

TEST(WireStatus, RetryInfo) {
  const auto details = DetailsOf(ToGrpcStatus(Unavailable("later", std::chrono::milliseconds(1250))));
  ASSERT_EQ(details.retries, 1);
  EXPECT_EQ(details.retry.retry_delay().seconds(), 1);
  EXPECT_EQ(details.retry.retry_delay().nanos(), 250'000'000);
}

TEST(WireStatus, TenThousandViolationsStaySmall) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 10'000; ++i) {
    violations.push_back({"targets[" + std::to_string(i) + "].name", "too long", ERROR_REASON_INVALID_ARGUMENT});
  }
  const auto status = ToGrpcStatus(InvalidFields(std::move(violations)));
  EXPECT_LT(status.error_details().size(), 6'000u);
  const auto details = DetailsOf(status);
  EXPECT_EQ(details.info.metadata().at("violations_total"), "10000");
  EXPECT_GT(details.bad_request.field_violations_size(), 50);
  EXPECT_EQ(details.bad_request.field_violations(0).field(), "targets[0].name");
  EXPECT_EQ(details.bad_request.field_violations(0).reason(), "INVALID_ARGUMENT");
}

TEST(WireStatus, HugeAndMalformedTextsStaySmallAndValid) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text.append("é\xFF");
  Failure error{ERROR_REASON_INVALID_ARGUMENT, text};
  for (int i = 0; i < 100; ++i) error = std::move(error).With("key" + std::to_string(i) + text, text);
  error.violations.assign(5, {text, text, ERROR_REASON_INVALID_ARGUMENT});
  error.retry_after = std::chrono::seconds(1);
  const auto status = ToGrpcStatus(error);
  EXPECT_LT(status.error_details().size(), 6'000u);
  EXPECT_LT(status.error_message().size() * 3 + status.error_details().size(), 7'500u);
  const auto details = DetailsOf(status);
  EXPECT_EQ(details.info.metadata().at("code"), "0x80040203");
  EXPECT_EQ(details.info.metadata().at("violations_total"), "5");
  ASSERT_GT(details.bad_request.field_violations_size(), 0);
  const auto& field = details.bad_request.field_violations(0).field();
  EXPECT_EQ(ValidUtf8(field, field.size()), field);
}

}  // namespace
}  // namespace journeyfeed::call
