// What MetadataService answers, for people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "journeyfeed/metadata/v1/metadata_service.pb.h"

namespace journeyfeed::cli {

// A line for each entity: name on this command line, logical name, kind, how many columns and messages.
// `width` as in LayOut. Neither ends with a newline.
std::string EntitiesText(const std::vector<metadata::v1::EntityMetadata>& entities, std::size_t width);

// One entity: its properties, its columns with type, limits, required level and who may set them, its option sets with
// labels and allowed transitions, its messages.
std::string EntityText(const metadata::v1::EntityMetadata& entity, std::size_t width);

}  // namespace journeyfeed::cli
