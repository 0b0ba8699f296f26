#include "cli/client/change_stream.h"

#include <utility>

namespace journeyfeed::cli {
namespace {

using google::protobuf::Message;

Change View(const entity::v1::EntityChange& from, const Message* record) {
  Change to{.record = record,
            .version_number = from.version_number(),
            .sequence_number = from.sequence_number(),
            .message = from.message(),
            .call_end = from.call_end()};
  if (from.has_removed_item()) to.reference = &from.removed_item();
  if (from.has_commit_time()) to.commit_time = &from.commit_time();
  return to;
}

}  // namespace

std::optional<ReceivedChanges> ReadChanges(const dictionary::Entity& entity,
                                           const entity::v1::RetrieveEntityChangesResponse& from) {
  ReceivedChanges received;
  received.message = {.phase = from.phase(),
                      .more_records = from.more_records(),
                      .consistent = from.consistent(),
                      .call_end = from.call_end(),
                      .resync = from.resync(),
                      .data_token = from.data_token()};
  for (const auto& change : from.changes()) {
    const Message* record = nullptr;
    if (change.has_new_or_updated_entity()) {
      auto& parsed = received.records.emplace_back(entity.NewRecord());
      if (!parsed->ParseFromString(change.new_or_updated_entity())) return std::nullopt;
      record = parsed.get();
    }
    received.message.changes.push_back(View(change, record));
  }
  if (from.has_progress()) received.message.progress = from.progress();
  if (from.has_stream_end()) received.message.stream_end = from.stream_end();
  return received;
}

}  // namespace journeyfeed::cli
