#include "cli/output/change_line.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "storage/dictionary/dataverse_json.h"
#include "storage/dictionary/iso_time.h"

namespace journeyfeed::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json TimeOf(const google::protobuf::Timestamp* time) {
  if (time == nullptr) return nullptr;
  return dictionary::FormatIsoTime({time->seconds() * 1'000'000 + time->nanos() / 1'000});
}

Json PhaseOf(entity::v1::ChangePhase phase) {
  switch (phase) {
    case entity::v1::CHANGE_PHASE_INITIAL_LOAD:
      return "initial_load";
    case entity::v1::CHANGE_PHASE_CHANGES:
      return "changes";
    default:
      return nullptr;
  }
}

// "CreateMultiple" for MESSAGE_NAME_CREATE_MULTIPLE; null if the change has no message. A number that this program does
// not know stays a number.
Json MessageOf(entity::v1::MessageName message) {
  constexpr std::string_view kPrefix = "MESSAGE_NAME_";
  if (message == entity::v1::MESSAGE_NAME_UNSPECIFIED) return nullptr;
  const std::string& constant = entity::v1::MessageName_Name(message);
  if (constant.empty()) return static_cast<int>(message);
  std::string name;
  bool capital = true;
  for (const char c : constant.substr(kPrefix.size())) {
    if (c != '_') name += capital ? c : static_cast<char>(c - 'A' + 'a');
    capital = c == '_';
  }
  return name;
}

std::string TextOf(const google::protobuf::Message& record, const dictionary::Column& column) {
  return record.GetReflection()->GetString(record, column.field);
}

void AddKey(const dictionary::Entity& entity, const Change& change, Json& line) {
  std::string id, partition;
  if (change.record != nullptr) {
    id = TextOf(*change.record, entity.primary_id());
    if (entity.elastic) partition = TextOf(*change.record, *entity.partition_id());
  } else if (change.reference != nullptr) {
    id = change.reference->id();
    partition = change.reference->partition_id();
  }
  line["id"] = id;
  if (entity.elastic) line["partition_id"] = partition.empty() ? id : partition;
}

}  // namespace

std::string ChangeLine(const dictionary::Entity& entity, const ChangeMessage& message, const Change& change) {
  Json line;
  line["change"] = change.record != nullptr ? "new_or_updated" : "removed";
  line["phase"] = PhaseOf(message.phase);
  AddKey(entity, change, line);
  line["version_number"] = change.version_number;
  line["sequence_number"] = change.sequence_number;
  line["message"] = MessageOf(change.message);
  line["commit_time"] = TimeOf(change.commit_time);
  line["call_end"] = change.call_end;
  std::string text = Dump(line);
  if (change.record == nullptr) return text;
  // The record is JSON already: a megabyte of session is not parsed again.
  text.pop_back();
  text += ",\"entity\":" + dictionary::ToDataverseJson(entity, *change.record) + "}";
  return text;
}

std::string ResyncLine() { return R"({"change":"resync"})"; }

std::string ProgressLine(const ChangeMessage& message) {
  Json line;
  line["progress"] = nullptr;
  if (message.progress) {
    const entity::v1::Progress& progress = *message.progress;
    line["progress"] = {{"as_of", TimeOf(progress.has_as_of() ? &progress.as_of() : nullptr)},
                        {"lag_seconds", static_cast<double>(progress.lag().seconds()) + progress.lag().nanos() / 1e9},
                        {"rows_done", progress.rows_done()},
                        {"rows_estimated", progress.rows_estimated()}};
  }
  line["phase"] = PhaseOf(message.phase);
  line["more_records"] = message.more_records;
  line["consistent"] = message.consistent;
  line["call_end"] = message.call_end;
  line["data_token"] = message.data_token;
  return Dump(line);
}

}  // namespace journeyfeed::cli
