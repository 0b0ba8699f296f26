#include "storage/dictionary/error_reason.h"

#include <google/protobuf/descriptor.h>

#include <cstdio>

namespace journeyfeed::dictionary {
namespace {

constexpr std::string_view kPrefix = "ERROR_REASON_";

const google::protobuf::EnumValueDescriptor& ValueOf(entity::v1::ErrorReason reason) {
  const google::protobuf::EnumDescriptor* type = entity::v1::ErrorReason_descriptor();
  const google::protobuf::EnumValueDescriptor* value = type->FindValueByNumber(reason);
  const bool known = value != nullptr && value->options().HasExtension(entity::v1::value);
  return known ? *value : *type->FindValueByNumber(entity::v1::ERROR_REASON_UNEXPECTED);
}

}  // namespace

const entity::v1::ErrorDefinition& DescribeReason(entity::v1::ErrorReason reason) {
  return ValueOf(reason).options().GetExtension(entity::v1::value).error();
}

std::string_view ReasonName(entity::v1::ErrorReason reason) {
  return std::string_view(ValueOf(reason).name()).substr(kPrefix.size());
}

google::rpc::Code GrpcCode(entity::v1::ErrorReason reason) { return DescribeReason(reason).grpc_code(); }

std::string HexCode(entity::v1::ErrorReason reason) {
  const entity::v1::ErrorDefinition& definition = DescribeReason(reason);
  if (!definition.has_dataverse_code()) return {};
  char text[sizeof "0x80040237"];
  std::snprintf(text, sizeof text, "0x%08X", definition.dataverse_code());
  return text;
}

}  // namespace journeyfeed::dictionary
