// The messages of RetrieveEntityChanges without the type of their entity.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "journeyfeed/entity/v1/entity_reference.pb.h"
#include "journeyfeed/entity/v1/feed.pb.h"
#include "journeyfeed/entity/v1/message_name.pb.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

struct ChangeRequest {
  std::string data_version = {};
  google::protobuf::FieldMask columns = {};
  std::optional<std::string> partition_id = {};
  bool follow = false;
  bool skip_initial_load = false;
  std::optional<std::chrono::milliseconds> progress_interval = {};
  std::int64_t max_changes = 0;
  entity::v1::OnExpired on_expired = entity::v1::ON_EXPIRED_FAIL;
};

// One change. The pointers are valid as long as its message.
struct Change {
  const google::protobuf::Message* record = nullptr;       // new or updated
  const entity::v1::EntityReference* reference = nullptr;  // removed
  std::int64_t version_number = 0;
  std::int64_t sequence_number = 0;
  entity::v1::MessageName message = entity::v1::MESSAGE_NAME_UNSPECIFIED;
  const google::protobuf::Timestamp* commit_time = nullptr;  // null in the initial load
  bool call_end = false;
};

// One message of the stream.
struct ChangeMessage {
  std::vector<Change> changes = {};
  entity::v1::ChangePhase phase = entity::v1::CHANGE_PHASE_UNSPECIFIED;
  bool more_records = false;
  std::optional<entity::v1::Progress> progress = {};
  std::optional<entity::v1::StreamEnd> stream_end = {};
  bool consistent = false;
  bool call_end = false;
  bool resync = false;
  std::string data_token = {};
};

// A message with the records that its changes point to.
struct ReceivedChanges {
  std::vector<std::unique_ptr<google::protobuf::Message>> records;
  ChangeMessage message;
};

// Lives no longer than `from`; nothing when a record is none.
std::optional<ReceivedChanges> ReadChanges(const dictionary::Entity& entity,
                                           const entity::v1::RetrieveEntityChangesResponse& from);

}  // namespace journeyfeed::cli
