// Builds a record from the command line: a body in Dataverse JSON, and single columns.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/entity_client.h"
#include "cli/failure.h"

namespace journeyfeed::cli {

struct RecordArguments {
  std::string file;                // "-" is the standard input, "" means no body
  std::vector<std::string> set;    // "column=value"; overrides the body
  std::vector<std::string> clear;  // columns
};

struct RecordInput {
  std::unique_ptr<google::protobuf::Message> record;
  // Column::bit of every named column, including those with null.
  std::uint64_t named = 0;
};

// Reads the body (`standard_input` is a file descriptor) and applies the columns. Columns have their proto name or
// logical name. A value is text, a number, true or false as its column needs; an option set also accepts the label
// ("Going Live"), a lookup also a reference ("/teams(<id>)"). Failures name the column, never the value.
Outcome<RecordInput> ReadRecord(const EntityClient& client, const RecordArguments& arguments, int standard_input);

// Gives the record the key `id` and `partition`. Refuses a body with another key.
Outcome<void> SetKey(const dictionary::Entity& entity, const std::string& id,
                     const std::optional<std::string>& partition, RecordInput& input);

// The mask for an update: all named columns if one of them is null, which presence alone cannot express; else empty,
// which updates the present columns.
google::protobuf::FieldMask UpdateMask(const dictionary::Entity& entity, const RecordInput& input);

// A reference to a record. Fails for a text that is not a UUID, and for a partition of an entity without partitions.
Outcome<entity::v1::EntityReference> MakeReference(const dictionary::Entity& entity, const std::string& id,
                                                   const std::optional<std::string>& partition);

}  // namespace journeyfeed::cli
