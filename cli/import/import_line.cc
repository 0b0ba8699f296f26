#include "cli/import/import_line.h"

#include <algorithm>
#include <utility>

#include "cli/input/record_input.h"
#include "storage/dictionary/dataverse_json.h"
#include "storage/dictionary/mask.h"
#include "storage/dictionary/row.h"
#include "storage/types.h"

namespace journeyfeed::cli {
namespace {

using dictionary::Column;
using dictionary::Entity;

// The columns that the mode's message may set: for an Upsert those of an Update, because it may become one.
std::uint64_t Settable(const Entity& entity, ImportMode mode) {
  return dictionary::ColumnsWhere(entity, [&](const Column& column) {
    if (dictionary::IsKey(entity, column)) return true;
    return mode == ImportMode::kCreate ? column.valid_for_create : column.valid_for_update;
  });
}

void KeepCreatedOn(const Entity& entity, RecordInput& input) {
  const Column& overridden = entity.With(entity::v1::COLUMN_ROLE_OVERRIDDEN_CREATED_ON);
  const Value time = dictionary::GetColumn(*input.record, entity.With(entity::v1::COLUMN_ROLE_CREATED_ON));
  if (std::holds_alternative<std::monostate>(time)) return;
  dictionary::SetColumn(*input.record, overridden, time);
  input.named |= overridden.bit();
}

void LeaveOut(const Entity& entity, std::uint64_t settable, RecordInput& input) {
  for (const Column& column : entity.columns) {
    if ((settable & column.bit()) == 0) dictionary::SetColumn(*input.record, column, Value());
  }
  input.named &= settable;
}

std::string KeyOf(const Entity& entity, const google::protobuf::Message& record) {
  const Value id = dictionary::GetColumn(record, entity.primary_id());
  const auto* uuid = std::get_if<Uuid>(&id);
  if (uuid == nullptr) return {};
  std::string partition = uuid->ToString();
  if (entity.elastic) {
    const Value given = dictionary::GetColumn(record, *entity.partition_id());
    if (const auto* text = std::get_if<std::string>(&given)) partition = *text;
  }
  return uuid->ToString() + "/" + partition;
}

CommandFailure TooLong() {
  return FromBody({.reason = entity::v1::ERROR_REASON_REQUEST_LENGTH_TOO_LARGE, .message = "the line is too long"});
}

}  // namespace

Outcome<ImportLine> ParseImportLine(const EntityClient& client, const ImportOptions& options, const InputLine& line) {
  if (line.too_long) return std::unexpected(TooLong());
  const Entity& entity = client.entity();
  RecordInput input{.record = client.NewRecord()};
  if (auto read = dictionary::FromDataverseJson(entity, line.text, input.record.get(), &input.named); !read) {
    return std::unexpected(FromBody(read.error()));
  }
  const bool creates = options.mode == ImportMode::kCreate;
  if (!creates || !options.keep_created_on) {
    // In an export it is the time of an earlier import; Create would set createdon back to it.
    const Column& overridden = entity.With(entity::v1::COLUMN_ROLE_OVERRIDDEN_CREATED_ON);
    dictionary::SetColumn(*input.record, overridden, Value());
    input.named &= ~overridden.bit();
  } else {
    KeepCreatedOn(entity, input);
  }
  LeaveOut(entity, Settable(entity, options.mode), input);
  ImportLine made{.number = line.number, .record = nullptr};
  if (!creates && !entity.elastic) made.mask = UpdateMask(entity, input);
  made.key = KeyOf(entity, *input.record);
  made.digest = Uuid::FromName(line.text).ToString();
  made.bytes = input.record->ByteSizeLong();
  made.record = std::move(input.record);
  return made;
}

void ImportBatch::Add(ImportLine line) {
  bytes += line.bytes;
  lines.push_back(std::move(line));
}

std::string RequestIdOf(const ImportOptions& options, const Entity& entity, const ImportBatch& batch) {
  std::string name = options.run_id + " " + entity.logical_name + (options.mode == ImportMode::kCreate ? " c" : " u");
  for (const ImportLine& line : batch.lines) name += " " + std::to_string(line.number) + ":" + line.digest;
  return Uuid::FromName(name).ToString();
}

}  // namespace journeyfeed::cli
