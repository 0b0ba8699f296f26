#include "cli/output/record_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>
#include <utility>

#include "storage/base/utf8.h"
#include "storage/dictionary/iso_time.h"
#include "storage/dictionary/mask.h"
#include "storage/dictionary/row.h"

namespace journeyfeed::cli {
namespace {

using dictionary::Column;
using dictionary::ColumnType;
using dictionary::Entity;
using dictionary::RequiredLevel;
using google::protobuf::Message;
using Records = std::vector<std::unique_ptr<Message>>;

constexpr std::size_t kShortId = 8;
// No screen shows more of a text.
constexpr std::size_t kShownBytes = 1000;

bool IsUsual(const Entity& entity, const Column& column) {
  if (column.type == ColumnType::kMemo || !column.stored) return false;
  return dictionary::IsKey(entity, column) || &column == &entity.primary_name() ||
         column.required_level == RequiredLevel::kApplicationRequired || column.type == ColumnType::kStatus ||
         (column.type == ColumnType::kDateTime && column.valid_for_update) ||
         column.role == entity::v1::COLUMN_ROLE_MODIFIED_ON;
}

bool IsId(const Column& column) {
  return column.type == ColumnType::kUniqueIdentifier || column.type == ColumnType::kLookup ||
         column.type == ColumnType::kOwner;
}

bool IsNumber(const Column& column) {
  return column.type == ColumnType::kInteger || column.type == ColumnType::kBigInt;
}

// "2019-03-09 11:29:00"
std::string ReadableTime(Timestamp time) {
  std::string text = dictionary::FormatIsoTime(time).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string ReadableText(const std::string& text) {
  if (text.size() <= kShownBytes) return text;
  return std::string(Utf8Prefix(text, kShownBytes)) + "…";
}

struct CellText {
  const Column& column;

  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return ReadableText(value); }
  std::string operator()(const Uuid& value) const { return value.ToString(); }
  std::string operator()(Timestamp value) const { return ReadableTime(value); }
  std::string operator()(std::int32_t value) const {
    const dictionary::Option* option = column.FindOption(value);
    return option == nullptr ? std::to_string(value) : option->label;
  }
};

// How many characters make all of them unique.
std::size_t TellingLength(std::vector<std::string> ids) {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  std::size_t length = kShortId;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto [first, second] = std::ranges::mismatch(ids[i - 1], ids[i]);
    length = std::max(length, static_cast<std::size_t>(first - ids[i - 1].begin()) + 1);
  }
  return length;
}

void Shorten(std::vector<std::string>& ids) {
  const std::size_t length = TellingLength(ids);
  for (std::string& id : ids) id = id.substr(0, length);
}

bool EachIsItsOwnPartition(const Entity& entity, const Records& records) {
  return std::ranges::all_of(records, [&](const auto& record) {
    const Value id = dictionary::GetColumn(*record, entity.primary_id());
    const Value partition = dictionary::GetColumn(*record, *entity.partition_id());
    const auto* uuid = std::get_if<Uuid>(&id);
    const auto* text = std::get_if<std::string>(&partition);
    return text == nullptr || (uuid != nullptr && *text == uuid->ToString());
  });
}

TableColumn HeadingOf(const Entity& entity, const Column& column) {
  std::string heading = column.name == entity.primary_id().name ? "Id" : column.display_name;
  const bool time = column.type == ColumnType::kDateTime;
  if (time) heading += " (UTC)";
  return {.heading = std::move(heading), .right = IsNumber(column), .whole = time || IsId(column)};
}

// A number of $apply: a double, usually a whole number.
std::string NumberText(double number) {
  std::array<char, 32> text{};
  const bool whole = std::floor(number) == number && std::abs(number) < 9.1e15;
  std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.6g", number);
  return text.data();
}

std::string AggregateText(const Column* column, const google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kNumberValue: {
      const double number = value.number_value();
      const dictionary::Option* option =
          column != nullptr && std::abs(number) < 2e9 ? column->FindOption(static_cast<std::int32_t>(number)) : nullptr;
      return option != nullptr ? option->label : NumberText(number);
    }
    case google::protobuf::Value::kBoolValue:
      return value.bool_value() ? "yes" : "no";
    case google::protobuf::Value::kStringValue:
      return ReadableText(value.string_value());
    default:
      return {};
  }
}

}  // namespace

std::vector<const Column*> UsualColumns(const Entity& entity) {
  std::vector<const Column*> columns;
  for (const Column& column : entity.columns) {
    if (IsUsual(entity, column)) columns.push_back(&column);
  }
  return columns;
}

std::vector<const Column*> FindColumns(const Entity& entity, const std::vector<std::string>& names) {
  std::vector<const Column*> columns;
  for (const std::string& name : names) {
    if (const Column* column = entity.FindByAnyName(name)) columns.push_back(column);
  }
  return columns;
}

Table RecordTable(const Entity& entity, const std::vector<const Column*>& columns, const Records& records,
                  const RecordTableStyle& style) {
  const bool no_partitions = entity.elastic && EachIsItsOwnPartition(entity, records);
  Table table;
  table.rows.resize(records.size());
  for (const Column* column : columns) {
    if (no_partitions && column == entity.partition_id()) continue;
    std::vector<std::string> cells;
    for (const auto& record : records) {
      cells.push_back(std::visit(CellText{*column}, dictionary::GetColumn(*record, *column)));
    }
    if (style.leave_out_empty && std::ranges::all_of(cells, &std::string::empty)) continue;
    if (!style.whole_ids && IsId(*column)) Shorten(cells);
    table.columns.push_back(HeadingOf(entity, *column));
    for (std::size_t i = 0; i < cells.size(); ++i) table.rows[i].push_back(std::move(cells[i]));
  }
  return table;
}

Table AggregateTable(const Entity& entity, const std::vector<google::protobuf::Struct>& rows) {
  std::set<std::string> names;
  for (const auto& row : rows) {
    for (const auto& [name, value] : row.fields()) names.insert(name);
  }
  Table table;
  table.rows.resize(rows.size());
  for (const std::string& name : names) {
    const Column* column = entity.FindByAnyName(name);
    bool numbers = !rows.empty();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto found = rows[i].fields().find(name);
      const google::protobuf::Value value = found == rows[i].fields().end() ? google::protobuf::Value() : found->second;
      const bool label = column != nullptr && !column->options.empty();
      numbers = numbers && !label && value.kind_case() != google::protobuf::Value::kStringValue;
      table.rows[i].push_back(AggregateText(column, value));
    }
    table.columns.push_back({.heading = column != nullptr ? column->display_name : name, .right = numbers});
  }
  return table;
}

}  // namespace journeyfeed::cli
