// Between entity messages and plain values.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/types.h"

namespace journeyfeed::dictionary {

// The columns of one record. A column that is not present is null.
struct Row {
  std::vector<Value> values;  // by index in Entity::columns
  std::uint64_t present = 0;  // Column::bit of each value that is not null
};

// Which kind of Value a column has: ids and lookups Uuid; text and entity names string; whole numbers and option sets
// int32; BigInt int64; Boolean bool; DateTime Timestamp.

// The columns that have a value in the message.
std::uint64_t PresentColumns(const Entity& entity, const google::protobuf::Message& message);

// The value of one column, monostate when it is absent. Precondition: valid (ValidateColumns).
Value GetColumn(const google::protobuf::Message& message, const Column& column);

// Sets one column; monostate clears it. Precondition: the value is of the column's kind.
void SetColumn(google::protobuf::Message& message, const Column& column, const Value& value);

// All columns of a message. Precondition: valid (ValidateColumns).
Row ToRow(const Entity& entity, const google::protobuf::Message& message);

// Sets the key columns as callers see them: the partition of a record that was stored without one is its id.
void SetKey(google::protobuf::Message& message, const Entity& entity, const RecordKey& key);

}  // namespace journeyfeed::dictionary
