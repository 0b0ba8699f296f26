// Whether values fit their columns.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"

namespace journeyfeed::dictionary {

// Checks the present values of `columns` (Column::bit) and adds a violation for each that does not fit; absent columns
// are not looked at. `path` is where the message is in the request ("target", "targets[3]"). Ids: a UUID, upper case
// and braces accepted. Text: UTF-8 without NUL, at most max_length UTF-16 units. Numbers: within the range. Option
// sets: a value of the set. Times: 1753-01-01 to 9999-12-30. Owner type: a table that can own. Partition: see below. A
// description names the limit and what was found, never the text itself.
void ValidateColumns(const Entity& entity, const google::protobuf::Message& message, std::uint64_t columns,
                     std::string_view path, std::vector<FieldViolation>& violations);

// INVALID_DATE_TIME at `path` if the time does not fit a column.
std::optional<FieldViolation> TimeViolation(const google::protobuf::Timestamp& time, std::string_view path);

// What is wrong with a partition id; empty when nothing is. 1 to 100 UTF-16 units, none of / < > * % & : \ ? +, no NUL.
// For the references and filters that name a partition outside of an entity message.
std::string PartitionIdProblem(std::string_view partition_id);

// The same as a violation of `path`: STRING_LENGTH_TOO_LONG or INVALID_ARGUMENT.
std::optional<FieldViolation> PartitionIdViolation(std::string_view partition_id, std::string_view path);

}  // namespace journeyfeed::dictionary
