#include "storage/dictionary/error_reason.h"

#include <gtest/gtest.h>

#include <set>

namespace journeyfeed::dictionary {
namespace {

namespace v1 = entity::v1;

std::vector<v1::ErrorReason> AllReasons() {
  std::vector<v1::ErrorReason> reasons;
  for (int i = 0; i < v1::ErrorReason_descriptor()->value_count(); ++i) {
    const int number = v1::ErrorReason_descriptor()->value(i)->number();
    if (number != 0) reasons.push_back(static_cast<v1::ErrorReason>(number));
  }
  return reasons;
}

TEST(ErrorReason, HasNameHexCodeAndGrpcCode) {
  EXPECT_EQ(ReasonName(v1::ERROR_REASON_DUPLICATE_RECORD), "DUPLICATE_RECORD");
  EXPECT_EQ(HexCode(v1::ERROR_REASON_DUPLICATE_RECORD), "0x80040237");
  EXPECT_EQ(GrpcCode(v1::ERROR_REASON_DUPLICATE_RECORD), google::rpc::ALREADY_EXISTS);
  EXPECT_EQ(HexCode(v1::ERROR_REASON_CONCURRENCY_VERSION_MISMATCH), "0x80060882");
  EXPECT_EQ(GrpcCode(v1::ERROR_REASON_CONCURRENCY_VERSION_MISMATCH), google::rpc::ABORTED);
  EXPECT_EQ(HexCode(v1::ERROR_REASON_EXPIRED_VERSION_STAMP), "0x80044352");
  EXPECT_EQ(HexCode(v1::ERROR_REASON_WRITE_OUTCOME_UNKNOWN), "");
  EXPECT_EQ(GrpcCode(v1::ERROR_REASON_WRITE_OUTCOME_UNKNOWN), google::rpc::UNKNOWN);
}

TEST(ErrorReason, EveryReasonIsDescribed) {
  for (const v1::ErrorReason reason : AllReasons()) {
    const v1::ErrorDefinition& definition = DescribeReason(reason);
    EXPECT_NE(definition.grpc_code(), google::rpc::OK) << ReasonName(reason);
    EXPECT_FALSE(definition.when().empty()) << ReasonName(reason);
    EXPECT_FALSE(definition.action().empty()) << ReasonName(reason);
    EXPECT_EQ(definition.has_dataverse_code(), !definition.dataverse_name().empty()) << ReasonName(reason);
    EXPECT_EQ(definition.has_dataverse_code(), reason < 100) << ReasonName(reason);
  }
}

TEST(ErrorReason, OnlyAnExpiredTokenIsOutOfRange) {
  for (const v1::ErrorReason reason : AllReasons()) {
    EXPECT_EQ(GrpcCode(reason) == google::rpc::OUT_OF_RANGE, reason == v1::ERROR_REASON_EXPIRED_VERSION_STAMP);
  }
}

TEST(ErrorReason, HexCodesAreUnique) {
  std::multiset<std::string> codes;
  for (const v1::ErrorReason reason : AllReasons()) {
    if (reason < 100) codes.insert(HexCode(reason));
  }
  EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), codes.size());
}

TEST(ErrorReason, UnknownNumberIsUnexpected) {
  EXPECT_EQ(ReasonName(static_cast<v1::ErrorReason>(4711)), "UNEXPECTED");
  EXPECT_EQ(GrpcCode(v1::ERROR_REASON_UNSPECIFIED), google::rpc::INTERNAL);
}

}  // namespace
}  // namespace journeyfeed::dictionary
