// From the options of a record's proto to its entity.
#pragma once

#include <google/protobuf/descriptor.h>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::dictionary {

// Precondition: FindProblems has found none.
Entity ReadEntity(const google::protobuf::Descriptor* descriptor);

}  // namespace journeyfeed::dictionary
