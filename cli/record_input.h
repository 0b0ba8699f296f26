// A record out of what the command line gives: a body in Dataverse JSON, and single columns beside it.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/entity_client.h"
#include "cli/failure.h"

namespace journeyfeed::cli {

struct RecordArguments {
  std::string file;                // "-" is the standard input, "" is no body
  std::vector<std::string> set;    // "column=value", each stronger than the body
  std::vector<std::string> clear;  // columns
};

struct RecordInput {
  std::unique_ptr<google::protobuf::Message> record;
  // Column::bit of every column that was named, null ones too.
  std::uint64_t named = 0;
};

// Reads the body (`standard_input` is a file descriptor) and puts the columns on it. Columns are named by proto name or
// logical name. A value is text, a number, true or false as its column needs; of an option set also the label ("Going
// Live"), of a lookup also the reference ("/teams(<id>)"). Failures name the column, never the value.
Outcome<RecordInput> ReadRecord(const EntityClient& client, const RecordArguments& arguments, int standard_input);

// Makes the record that of `id` and `partition`; a body that names another one is refused.
Outcome<void> SetKey(const dictionary::Entity& entity, const std::string& id,
                     const std::optional<std::string>& partition, RecordInput& input);

// The mask that an update needs: all named columns when one of them is null, which presence alone cannot say; else
// empty, so that the present columns change.
google::protobuf::FieldMask UpdateMask(const dictionary::Entity& entity, const RecordInput& input);

// A reference to a record. Fails for what is no UUID, and for the partition of an entity that has none.
Outcome<entity::v1::EntityReference> MakeReference(const dictionary::Entity& entity, const std::string& id,
                                                   const std::optional<std::string>& partition);

}  // namespace journeyfeed::cli
