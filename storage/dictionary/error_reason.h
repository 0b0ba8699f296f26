// What the enum ErrorReason says of its values (proto/journeyfeed/entity/v1/error_reason.proto). A number that is no
// reason is described as UNEXPECTED. Texts live until the process ends.
#pragma once

#include <string>

#include "google/rpc/code.pb.h"
#include "journeyfeed/entity/v1/error_reason.pb.h"
#include "journeyfeed/entity/v1/options.pb.h"

namespace journeyfeed::dictionary {

// The whole definition.
const entity::v1::ErrorDefinition& DescribeReason(entity::v1::ErrorReason reason);

// As on the wire in google.rpc.ErrorInfo: "DUPLICATE_RECORD".
const std::string& ReasonName(entity::v1::ErrorReason reason);

google::rpc::Code GrpcCode(entity::v1::ErrorReason reason);

// Dataverse's code, "0x80040237"; empty for a reason of our own.
const std::string& HexCode(entity::v1::ErrorReason reason);

}  // namespace journeyfeed::dictionary
