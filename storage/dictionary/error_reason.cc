#include "storage/dictionary/error_reason.h"

#include <google/protobuf/descriptor.h>

#include <cstdio>
#include <string_view>
#include <vector>

namespace journeyfeed::dictionary {
namespace {

namespace pb = entity::v1;

struct Reason {
  const pb::ErrorDefinition* definition = nullptr;  // null for numbers that are no reason
  std::string name;
  std::string hex_code;
};

Reason ReadReason(const google::protobuf::EnumValueDescriptor& value) {
  constexpr std::string_view kPrefix = "ERROR_REASON_";
  Reason reason{.definition = &value.options().GetExtension(pb::value).error(),
                .name = value.name().substr(kPrefix.size()),
                .hex_code = {}};
  if (reason.definition->has_dataverse_code()) {
    char text[sizeof "0x80040237"];
    std::snprintf(text, sizeof text, "0x%08X", reason.definition->dataverse_code());
    reason.hex_code = text;
  }
  return reason;
}

// Indexed by number.
std::vector<Reason> ReadReasons() {
  std::vector<Reason> reasons(pb::ErrorReason_ARRAYSIZE);
  const google::protobuf::EnumDescriptor* type = pb::ErrorReason_descriptor();
  for (int i = 0; i < type->value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& value = *type->value(i);
    if (value.options().HasExtension(pb::value)) reasons[static_cast<std::size_t>(value.number())] = ReadReason(value);
  }
  return reasons;
}

const Reason& Lookup(pb::ErrorReason reason) {
  static const std::vector<Reason> reasons = ReadReasons();
  const auto index = static_cast<std::size_t>(reason);  // a negative number becomes too large
  const bool known = index < reasons.size() && reasons[index].definition != nullptr;
  return reasons[known ? index : std::size_t{pb::ERROR_REASON_UNEXPECTED}];
}

}  // namespace

const pb::ErrorDefinition& DescribeReason(pb::ErrorReason reason) { return *Lookup(reason).definition; }

const std::string& ReasonName(pb::ErrorReason reason) { return Lookup(reason).name; }

google::rpc::Code GrpcCode(pb::ErrorReason reason) { return DescribeReason(reason).grpc_code(); }

const std::string& HexCode(pb::ErrorReason reason) { return Lookup(reason).hex_code; }

}  // namespace journeyfeed::dictionary
