// The list of the entities. docs/how-to/entity.md says what else an entity needs.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

namespace journeyfeed::dictionary {

// The record protos of the entities that the service owns.
std::vector<const google::protobuf::Descriptor*> RegisteredRecords();

}  // namespace journeyfeed::dictionary
