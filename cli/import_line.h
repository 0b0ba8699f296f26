// A line of an import as a row of CreateMultiple or UpsertMultiple.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/entity_client.h"
#include "cli/failure.h"
#include "cli/line_reader.h"

namespace journeyfeed::cli {

enum class ImportMode { kUpsert, kCreate };

struct ImportOptions {
  ImportMode mode = ImportMode::kUpsert;
  bool keep_created_on = false;  // of kCreate: the record's createdon goes on as overriddencreatedon
  std::size_t batch_rows = 200;
  std::size_t batch_bytes = std::size_t{4} << 20;
  int in_flight = 4;
  std::int64_t from_line = 1;
  std::string run_id = {};  // what the request ids are made of
};

// One line, ready to be sent.
struct ImportLine {
  std::int64_t number = 0;
  std::unique_ptr<google::protobuf::Message> record = {};
  google::protobuf::FieldMask mask = {};
  std::string key = {};     // "<id>/<partition>"; empty when the line names no id
  std::string digest = {};  // of its text
  std::size_t bytes = 0;
};

// Reads the line's JSON. What the mode's message cannot set (system columns) is left out, a null clears in a merging
// Upsert and is nothing elsewhere. Fails with what is wrong with the line; the failure repeats nothing of it.
Outcome<ImportLine> ParseImportLine(const EntityClient& client, const ImportOptions& options, const InputLine& line);

// Consecutive lines that are sent in one call.
struct ImportBatch {
  std::vector<ImportLine> lines = {};
  std::size_t bytes = 0;

  void Add(ImportLine line);
};

// The same for the same run and lines, another for any others: a batch that is sent again, also by a later run that was
// given this run's id, is executed once.
std::string RequestIdOf(const ImportOptions& options, const dictionary::Entity& entity, const ImportBatch& batch);

}  // namespace journeyfeed::cli
