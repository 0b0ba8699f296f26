#include "cli/output/output.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/output/error_text.h"
#include "storage/base/utf8.h"
#include "storage/dictionary/dataverse_json.h"
#include "storage/dictionary/iso_time.h"
#include "storage/dictionary/row.h"

namespace journeyfeed::cli {
namespace {

using dictionary::Column;
using dictionary::Entity;
using Json = nlohmann::ordered_json;
using Lines = std::vector<std::pair<std::string, std::string>>;

// The most bytes of a text in a table.
constexpr std::size_t kShownText = 200;

std::string JsonText(const Json& json, const OutputOptions& options) { return json.dump(options.pretty ? 2 : -1); }

std::string ShownText(const std::string& text) {
  if (text.size() <= kShownText) return Printable(text);
  return Printable(Utf8Prefix(text, kShownText)) + "... (" + std::to_string(Utf16Length(text)) + " characters)";
}

// A value as people read it.
struct FieldText {
  const Column& column;

  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return ShownText(value); }
  std::string operator()(const Uuid& value) const { return value.ToString(); }
  std::string operator()(Timestamp value) const { return dictionary::FormatIsoTime(value); }
  std::string operator()(std::int32_t value) const {
    const dictionary::Option* option = column.FindOption(value);
    const std::string number = std::to_string(value);
    return option == nullptr ? number : option->label + " (" + number + ")";
  }
};

Lines RecordLines(const Entity& entity, const google::protobuf::Message& record) {
  const std::uint64_t present = dictionary::PresentColumns(entity, record);
  Lines lines;
  for (const Column& column : entity.columns) {
    if ((present & column.bit()) == 0) continue;
    lines.emplace_back(column.display_name, std::visit(FieldText{column}, dictionary::GetColumn(record, column)));
  }
  return lines;
}

std::string TableText(const Lines& lines) {
  std::size_t width = 0;
  for (const auto& [label, value] : lines) width = std::max(width, label.size());
  std::string text;
  for (const auto& [label, value] : lines) {
    if (!text.empty()) text += '\n';
    text += label + std::string(width - label.size() + 2, ' ') + value;
  }
  return text;
}

std::string PartitionOf(const WriteResult& result) {
  return result.reference.has_partition_id() ? result.reference.partition_id() : result.reference.id();
}

Json ResultJson(const Entity& entity, const WriteResult& result) {
  Json json = {{"id", result.reference.id()}};
  if (entity.elastic) json["partition_id"] = PartitionOf(result);
  if (result.record_created) json["record_created"] = *result.record_created;
  json["version_number"] = result.version_number;
  json["session_token"] = result.session_token;
  if (result.representation) {
    json["representation"] = Json::parse(dictionary::ToDataverseJson(entity, *result.representation));
  }
  return json;
}

Lines ResultLines(const Entity& entity, const WriteResult& result) {
  Lines lines = {{"Id", result.reference.id()}};
  if (entity.elastic) lines.emplace_back("Partition", Printable(PartitionOf(result)));
  if (result.record_created) lines.emplace_back("Created", *result.record_created ? "yes" : "no");
  lines.emplace_back("Version", std::to_string(result.version_number));
  lines.emplace_back("Session token", Printable(result.session_token));
  return lines;
}

}  // namespace

std::string RecordText(const Entity& entity, const google::protobuf::Message& record, const OutputOptions& options) {
  if (options.format == Format::kTable) return TableText(RecordLines(entity, record));
  const std::string json = dictionary::ToDataverseJson(entity, record);
  return options.pretty ? JsonText(Json::parse(json), options) : json;
}

std::string WriteResultText(const Entity& entity, const WriteResult& result, const OutputOptions& options) {
  if (options.format == Format::kJson) return JsonText(ResultJson(entity, result), options);
  const std::string text = TableText(ResultLines(entity, result));
  return result.representation ? text + "\n\n" + RecordText(entity, *result.representation, options) : text;
}

std::string NotModifiedText(const OutputOptions& options) {
  return options.format == Format::kTable ? "not modified" : JsonText({{"not_modified", true}}, options);
}

}  // namespace journeyfeed::cli
