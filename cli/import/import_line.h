// Parses a line of an import as a row of CreateMultiple or UpsertMultiple.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/client/entity_client.h"
#include "cli/failure.h"
#include "cli/input/line_reader.h"

namespace journeyfeed::cli {

enum class ImportMode { kUpsert, kCreate };

struct ImportOptions {
  ImportMode mode = ImportMode::kUpsert;
  bool keep_created_on = false;  // with kCreate: the record's createdon becomes overriddencreatedon
  std::size_t batch_rows = 200;
  std::size_t batch_bytes = std::size_t{4} << 20;
  int in_flight = 4;
  std::int64_t from_line = 1;
  std::string run_id = {};  // the request ids are made from it
};

// One line, ready to send.
struct ImportLine {
  std::int64_t number = 0;
  std::unique_ptr<google::protobuf::Message> record = {};
  google::protobuf::FieldMask mask = {};
  std::string key = {};     // "<id>/<partition>"; empty if the line has no id
  std::string digest = {};  // of its text
  std::size_t bytes = 0;
};

// Parses the line's JSON. Leaves out what the mode's message cannot set (system columns). A null clears the column in a
// merging Upsert and is ignored elsewhere. Fails with the problem of the line, without repeating its text.
Outcome<ImportLine> ParseImportLine(const EntityClient& client, const ImportOptions& options, const InputLine& line);

// Consecutive lines that one call sends.
struct ImportBatch {
  std::vector<ImportLine> lines = {};
  std::size_t bytes = 0;

  void Add(ImportLine line);
};

// The same id for the same run and lines, and a different one for all others: a batch that is sent again, also by a
// later run with this run's id, is executed once.
std::string RequestIdOf(const ImportOptions& options, const dictionary::Entity& entity, const ImportBatch& batch);

}  // namespace journeyfeed::cli
