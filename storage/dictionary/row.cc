#include "storage/dictionary/row.h"

#include <google/protobuf/timestamp.pb.h>

#include "storage/proto_time.h"

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;

// Precondition: the field is of the type Timestamp.
Timestamp GetTime(const proto::Message& message, const proto::FieldDescriptor* field) {
  return FromProto(static_cast<const proto::Timestamp&>(message.GetReflection()->GetMessage(message, field)));
}

void SetTime(proto::Message& message, const proto::FieldDescriptor* field, Timestamp value) {
  ToProto(value, static_cast<proto::Timestamp&>(*message.GetReflection()->MutableMessage(&message, field)));
}

Value GetUuid(const std::string& text) {
  const std::optional<Uuid> uuid = Uuid::Parse(text);
  return uuid ? Value(*uuid) : Value();
}

// Writes a value into a field; one overload for each kind.
struct Setter {
  proto::Message& message;
  const proto::FieldDescriptor* field;

  const proto::Reflection& reflection() const { return *message.GetReflection(); }

  void operator()(std::monostate) const { reflection().ClearField(&message, field); }
  void operator()(bool value) const { reflection().SetBool(&message, field, value); }
  void operator()(std::int64_t value) const { reflection().SetInt64(&message, field, value); }
  void operator()(const std::string& value) const { reflection().SetString(&message, field, value); }
  void operator()(const Uuid& value) const { reflection().SetString(&message, field, value.ToString()); }
  void operator()(Timestamp value) const { SetTime(message, field, value); }
  void operator()(std::int32_t value) const {
    if (field->cpp_type() == proto::FieldDescriptor::CPPTYPE_ENUM) {
      reflection().SetEnumValue(&message, field, value);
    } else {
      reflection().SetInt32(&message, field, value);
    }
  }
};

}  // namespace

std::uint64_t PresentColumns(const Entity& entity, const proto::Message& message) {
  const proto::Reflection& reflection = *message.GetReflection();
  std::uint64_t present = 0;
  for (const Column& column : entity.columns) {
    if (reflection.HasField(message, column.field)) present |= column.bit();
  }
  return present;
}

Value GetColumn(const proto::Message& message, const Column& column) {
  const proto::Reflection& reflection = *message.GetReflection();
  if (!reflection.HasField(message, column.field)) return {};
  std::string scratch;
  switch (column.type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return GetUuid(reflection.GetStringReference(message, column.field, &scratch));
    case ColumnType::kString:
    case ColumnType::kMemo:
    case ColumnType::kEntityName:
      return reflection.GetString(message, column.field);
    case ColumnType::kInteger:
      return reflection.GetInt32(message, column.field);
    case ColumnType::kBigInt:
      return reflection.GetInt64(message, column.field);
    case ColumnType::kBoolean:
      return reflection.GetBool(message, column.field);
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return static_cast<std::int32_t>(reflection.GetEnumValue(message, column.field));
    case ColumnType::kDateTime:
      return GetTime(message, column.field);
  }
  return {};
}

void SetColumn(proto::Message& message, const Column& column, const Value& value) {
  std::visit(Setter{message, column.field}, value);
}

Row ToRow(const Entity& entity, const proto::Message& message) {
  Row row{.values = {}, .present = PresentColumns(entity, message)};
  row.values.reserve(entity.columns.size());
  for (const Column& column : entity.columns) row.values.push_back(GetColumn(message, column));
  return row;
}

void SetKey(proto::Message& message, const Entity& entity, const RecordKey& key) {
  SetColumn(message, entity.primary_id(), key.id);
  if (const Column* partition = entity.partition_id()) SetColumn(message, *partition, EffectivePartitionId(key));
}

}  // namespace journeyfeed::dictionary
