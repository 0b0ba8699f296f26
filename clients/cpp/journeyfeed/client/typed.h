// The types of one entity for a consumer, which handles the records of every entity as bytes.
//
//   FeedOptions options{.service = ServiceOf<JourneyRunSession>()};
//   for (const auto& change : batch.message.changes()) {
//     if (const auto session = ReadRecord<JourneyRunSession>(change)) ...
//   }
#pragma once

#include <optional>
#include <string>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "journeyfeed/entity/v1/options.pb.h"

namespace journeyfeed::client {

// Full name of the gRPC service of the entity whose record this is.
template <typename Record>
std::string ServiceOf() {
  return Record::descriptor()->options().GetExtension(entity::v1::table).service();
}

// The new or updated record; nothing if it was removed, or if the bytes are no such record.
template <typename Record>
std::optional<Record> ReadRecord(const entity::v1::EntityChange& change) {
  Record record;
  if (!change.has_new_or_updated_entity() || !record.ParseFromString(change.new_or_updated_entity())) {
    return std::nullopt;
  }
  return record;
}

}  // namespace journeyfeed::client
