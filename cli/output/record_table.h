// Records as a table: labels instead of numbers, short ids, readable times.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/output/table.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

// The default columns of a table: key, name, required columns without large text, status, own times, last change.
std::vector<const dictionary::Column*> UsualColumns(const dictionary::Entity& entity);

// The columns with these names. Leaves out unknown ones: the service refuses them.
std::vector<const dictionary::Column*> FindColumns(const dictionary::Entity& entity,
                                                   const std::vector<std::string>& names);

struct RecordTableStyle {
  bool whole_ids = false;        // else their first characters, at least 8, as many as make them unique in their column
  bool leave_out_empty = false;  // leave out columns in which no record has a value
};

// Leaves out the partition column if every record is its own partition. Times are UTC; long texts are cut.
Table RecordTable(const dictionary::Entity& entity, const std::vector<const dictionary::Column*>& columns,
                  const std::vector<std::unique_ptr<google::protobuf::Message>>& records,
                  const RecordTableStyle& style);

// The answer of $apply: a column per name, in alphabetical order; labels for grouped option sets.
Table AggregateTable(const dictionary::Entity& entity, const std::vector<google::protobuf::Struct>& rows);

}  // namespace journeyfeed::cli
