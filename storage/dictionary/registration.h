// The list of the entities. docs/how-to/entity.md says what else an entity needs.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

namespace journeyfeed::dictionary {

// What makes a record proto an entity of this program.
struct Registration {
  const google::protobuf::Descriptor* record;
  const google::protobuf::FileDescriptor* service;  // the file that declares its service
};

// The entities that the service owns.
std::vector<Registration> OwnEntities();

}  // namespace journeyfeed::dictionary
