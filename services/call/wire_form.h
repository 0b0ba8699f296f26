// Two message types that are one on the wire: an entity's own, which callers use, and the common one in
// journeyfeed/entity/v1/entity_messages.proto, in which a record is bytes.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "journeyfeed/entity/v1/options.pb.h"

namespace journeyfeed::call {

// The first difference that a table of this type may not have, as "Request.field: what differs"; empty when there is
// none.
std::string WireDifference(const google::protobuf::Descriptor& declared, const google::protobuf::Descriptor& common,
                           entity::v1::TableType table);

}  // namespace journeyfeed::call
