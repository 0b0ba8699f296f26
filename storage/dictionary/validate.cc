#include "storage/dictionary/validate.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <optional>

#include "storage/base/utf8.h"

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;
using entity::v1::ERROR_REASON_INTEGER_VALUE_OUT_OF_RANGE;
using entity::v1::ERROR_REASON_INVALID_ARGUMENT;
using entity::v1::ERROR_REASON_INVALID_DATE_TIME;
using entity::v1::ERROR_REASON_INVALID_OWNER_ID;
using entity::v1::ERROR_REASON_PICKLIST_VALUE_OUT_OF_RANGE;
using entity::v1::ERROR_REASON_STRING_LENGTH_TOO_LONG;

constexpr std::size_t kMaxPartitionLength = 100;
constexpr std::string_view kNotInPartition = "/<>*%&:\\?+";
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int32_t kMaxNanos = 999'999'999;

struct Problem {
  ErrorReason reason;
  std::string description;
};
using Finding = std::optional<Problem>;

Finding CheckUuid(const Column& column, const std::string& text) {
  if (Uuid::Parse(text)) return std::nullopt;
  const bool owner = column.type == ColumnType::kOwner;
  return Problem{owner ? ERROR_REASON_INVALID_OWNER_ID : ERROR_REASON_INVALID_ARGUMENT,
                 "must be a UUID such as 6628bbf7-c52a-e911-a9b7-000d3a1e6adc, with or without braces"};
}

Finding CheckText(const Column& column, std::string_view text) {
  if (!IsValidUtf8(text)) return Problem{ERROR_REASON_INVALID_ARGUMENT, "must be valid UTF-8"};
  if (text.find('\0') != std::string_view::npos) {
    return Problem{ERROR_REASON_INVALID_ARGUMENT, "must not contain the character NUL"};
  }
  // A text never has more UTF-16 units than bytes: the usual case needs no count.
  if (!column.max_length || text.size() <= static_cast<std::size_t>(*column.max_length)) return std::nullopt;
  const std::size_t length = Utf16Length(text);
  if (length <= static_cast<std::size_t>(*column.max_length)) return std::nullopt;
  return Problem{ERROR_REASON_STRING_LENGTH_TOO_LONG, "must have at most " + std::to_string(*column.max_length) +
                                                          " UTF-16 units, has " + std::to_string(length)};
}

Finding CheckPartition(const Column& column, std::string_view text) {
  if (Finding found = CheckText(column, text)) return found;
  std::string problem = PartitionIdProblem(text);
  if (problem.empty()) return std::nullopt;
  return Problem{ERROR_REASON_INVALID_ARGUMENT, std::move(problem)};
}

Finding CheckNumber(const Column& column, std::int64_t number) {
  const bool low = column.min_value && number < *column.min_value;
  const bool high = column.max_value && number > *column.max_value;
  if (!low && !high) return std::nullopt;
  std::string range =
      column.min_value && column.max_value
          ? "from " + std::to_string(*column.min_value) + " to " + std::to_string(*column.max_value)
          : (low ? "at least " + std::to_string(*column.min_value) : "at most " + std::to_string(*column.max_value));
  return Problem{ERROR_REASON_INTEGER_VALUE_OUT_OF_RANGE, "must be " + range + ", is " + std::to_string(number)};
}

Finding CheckOption(const Column& column, std::int32_t value) {
  if (column.FindOption(value) != nullptr) return std::nullopt;
  std::string set;
  for (const Option& option : column.options) {
    set += (set.empty() ? "" : ", ") + std::to_string(option.value) + " (" + option.label + ")";
  }
  return Problem{ERROR_REASON_PICKLIST_VALUE_OUT_OF_RANGE, "must be one of " + set + ", is " + std::to_string(value)};
}

Finding CheckTime(const proto::Timestamp& time) {
  if (time.nanos() < 0 || time.nanos() > kMaxNanos) {
    return Problem{ERROR_REASON_INVALID_DATE_TIME,
                   "must have nanos from 0 to 999999999, has " + std::to_string(time.nanos())};
  }
  // Compared in seconds: a product with micros could overflow. Both limits are whole seconds but for the last one's
  // fraction.
  constexpr std::int64_t kFirst = kEarliestTimestamp.micros / kMicrosPerSecond;
  constexpr std::int64_t kLast = kLatestTimestamp.micros / kMicrosPerSecond;
  if (time.seconds() >= kFirst && time.seconds() <= kLast) return std::nullopt;
  return Problem{ERROR_REASON_INVALID_DATE_TIME, "must lie within 1753-01-01 and 9999-12-30, is " +
                                                     std::to_string(time.seconds()) + " seconds from 1970-01-01"};
}

Finding CheckOwnerType(const Entity& entity, const std::string& text) {
  const auto owner = std::ranges::find(entity.columns, ColumnType::kOwner, &Column::type);
  if (owner == entity.columns.end() || std::ranges::find(owner->targets, text) != owner->targets.end()) {
    return std::nullopt;
  }
  std::string tables;
  for (const std::string& target : owner->targets) tables += (tables.empty() ? "" : " or ") + target;
  return Problem{ERROR_REASON_INVALID_OWNER_ID, "must be " + tables};
}

// Precondition: the column is present.
Finding CheckColumn(const Entity& entity, const proto::Message& message, const Column& column) {
  const proto::Reflection& reflection = *message.GetReflection();
  std::string scratch;
  const auto text = [&]() -> const std::string& {
    return reflection.GetStringReference(message, column.field, &scratch);
  };
  switch (column.type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return CheckUuid(column, text());
    case ColumnType::kString:
    case ColumnType::kMemo:
      return &column == entity.partition_id() ? CheckPartition(column, text()) : CheckText(column, text());
    case ColumnType::kEntityName:
      return CheckOwnerType(entity, text());
    case ColumnType::kInteger:
      return CheckNumber(column, reflection.GetInt32(message, column.field));
    case ColumnType::kBigInt:
      return CheckNumber(column, reflection.GetInt64(message, column.field));
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return CheckOption(column, reflection.GetEnumValue(message, column.field));
    case ColumnType::kDateTime:
      return CheckTime(static_cast<const proto::Timestamp&>(reflection.GetMessage(message, column.field)));
    case ColumnType::kBoolean:
      break;
  }
  return std::nullopt;
}

}  // namespace

void ValidateColumns(const Entity& entity, const proto::Message& message, std::uint64_t columns, std::string_view path,
                     std::vector<FieldViolation>& violations) {
  const proto::Reflection& reflection = *message.GetReflection();
  for (const Column& column : entity.columns) {
    if ((columns & column.bit()) == 0 || !reflection.HasField(message, column.field)) continue;
    Finding found = CheckColumn(entity, message, column);
    if (!found) continue;
    violations.push_back({std::string(path) + "." + column.name, std::move(found->description), found->reason});
  }
}

std::optional<FieldViolation> TimeViolation(const proto::Timestamp& time, std::string_view path) {
  const Finding problem = CheckTime(time);
  if (!problem) return std::nullopt;
  return FieldViolation{std::string(path), problem->description, problem->reason};
}

std::string PartitionIdProblem(std::string_view partition_id) {
  if (partition_id.empty()) return "must not be empty; leave it out for a record without a partition";
  if (!IsValidUtf8(partition_id)) return "must be valid UTF-8";
  if (partition_id.find('\0') != std::string_view::npos) return "must not contain the character NUL";
  const std::size_t length = Utf16Length(partition_id);
  if (length > kMaxPartitionLength) return "must have at most 100 UTF-16 units, has " + std::to_string(length);
  if (partition_id.find_first_of(kNotInPartition) != std::string_view::npos) {
    return "must not contain any of / < > * % & : \\ ? +";
  }
  return {};
}

std::optional<FieldViolation> PartitionIdViolation(std::string_view partition_id, std::string_view path) {
  std::string problem = PartitionIdProblem(partition_id);
  if (problem.empty()) return std::nullopt;
  const bool too_long = IsValidUtf8(partition_id) && Utf16Length(partition_id) > kMaxPartitionLength;
  return FieldViolation{std::string(path), std::move(problem),
                        too_long ? ERROR_REASON_STRING_LENGTH_TOO_LONG : ERROR_REASON_INVALID_ARGUMENT};
}

}  // namespace journeyfeed::dictionary
