#include <nlohmann/json.hpp>

#include "storage/dictionary/dataverse_json.h"
#include "storage/dictionary/iso_time.h"
#include "storage/dictionary/row.h"

namespace journeyfeed::dictionary {
namespace {

using OrderedJson = nlohmann::ordered_json;

// One overload for each kind of value.
struct Writer {
  OrderedJson operator()(std::monostate) const { return nullptr; }
  OrderedJson operator()(bool value) const { return value; }
  OrderedJson operator()(std::int32_t value) const { return value; }
  OrderedJson operator()(std::int64_t value) const { return value; }
  OrderedJson operator()(const std::string& value) const { return value; }
  OrderedJson operator()(const Uuid& value) const { return value.ToString(); }
  OrderedJson operator()(Timestamp value) const { return FormatIsoTime(value); }
};

std::string KeyOf(const Column& column) {
  const bool lookup = column.type == ColumnType::kLookup || column.type == ColumnType::kOwner;
  return lookup ? "_" + column.logical_name + "_value" : column.logical_name;
}

}  // namespace

std::string ToDataverseJson(const Entity& entity, const google::protobuf::Message& message) {
  const std::uint64_t present = PresentColumns(entity, message);
  OrderedJson record = OrderedJson::object();
  for (const Column& column : entity.columns) {
    if ((present & column.bit()) == 0) continue;
    record[KeyOf(column)] = std::visit(Writer{}, GetColumn(message, column));
  }
  // Text that is not UTF-8 cannot come from a gRPC message; if it does, it is replaced and does not throw.
  return record.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace journeyfeed::dictionary
