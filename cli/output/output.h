// Prints records: JSON for programs, columns with labels for people.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "cli/client/entity_client.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

enum class Format { kJson, kTable };

struct OutputOptions {
  Format format = Format::kJson;
  bool pretty = false;  // JSON on several lines
};

// None of the results ends with a newline.

// JSON: the record as Dataverse JSON with logical names. Table: a line per column that has a value, with display name
// and value; labels for option sets; long texts are cut and marked.
std::string RecordText(const dictionary::Entity& entity, const google::protobuf::Message& record,
                       const OutputOptions& options);

// JSON: {"id", "partition_id" of an elastic entity, "record_created" of an Upsert, "version_number", "session_token",
// "representation" if there is one}. Table: the same, then the record.
std::string WriteResultText(const dictionary::Entity& entity, const WriteResult& result, const OutputOptions& options);

// The record still has the version that the caller knows: {"not_modified":true}.
std::string NotModifiedText(const OutputOptions& options);

}  // namespace journeyfeed::cli
