// Records as a table: labels in place of numbers, short ids, readable times.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/table.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

// What a table shows unless somebody says what: key, name, required columns that are no large text, status, own times,
// last change.
std::vector<const dictionary::Column*> UsualColumns(const dictionary::Entity& entity);

// The columns of that names; those that the entity does not have are left out: the service refuses them.
std::vector<const dictionary::Column*> FindColumns(const dictionary::Entity& entity,
                                                   const std::vector<std::string>& names);

struct RecordTableStyle {
  bool whole_ids = false;        // else their first 8 or more characters, as many as tell them apart in their column
  bool leave_out_empty = false;  // columns in which no record has a value
};

// The column of the partition is left out when every record is its own partition. Times are UTC; long texts are cut.
Table RecordTable(const dictionary::Entity& entity, const std::vector<const dictionary::Column*>& columns,
                  const std::vector<std::unique_ptr<google::protobuf::Message>>& records,
                  const RecordTableStyle& style);

// What $apply answered: a column for each name, in alphabetical order; labels for option sets that it grouped by.
Table AggregateTable(const dictionary::Entity& entity, const std::vector<google::protobuf::Struct>& rows);

}  // namespace journeyfeed::cli
