#include "services/feed/change_message.h"

#include <array>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "storage/wire.h"

namespace journeyfeed::feed {
namespace {

namespace pb = entity::v1;
using Response = pb::RetrieveEntityChangesResponse;
using pb::EntityChange;

using wire::AppendBytes;
using wire::AppendHead;
using wire::AppendInteger;
using wire::AppendTime;

void AppendFlag(std::string& out, int field, bool value) {
  if (value) AppendInteger(out, static_cast<std::uint32_t>(field), 1);
}

void AppendNumber(std::string& out, int field, std::int64_t value) {
  if (value != 0) AppendInteger(out, static_cast<std::uint32_t>(field), value);
}

std::string Reference(const dictionary::Entity& entity, const RecordKey& key) {
  std::string reference;
  AppendBytes(reference, pb::EntityReference::kIdFieldNumber, key.id.ToString());
  if (entity.elastic) AppendBytes(reference, pb::EntityReference::kPartitionIdFieldNumber, EffectivePartitionId(key));
  return reference;
}

// The record is copied once. `scratch` saves an allocation.
void AppendChange(std::string& out, const dictionary::Entity& entity, const Change& change, std::string& scratch) {
  scratch.clear();
  if (change.removed) AppendBytes(scratch, EntityChange::kRemovedItemFieldNumber, Reference(entity, change.key));
  AppendNumber(scratch, EntityChange::kVersionNumberFieldNumber, change.version);
  AppendNumber(scratch, EntityChange::kSequenceNumberFieldNumber, change.seq);
  AppendNumber(scratch, EntityChange::kMessageFieldNumber, change.message);
  if (change.seq != 0) AppendTime(scratch, EntityChange::kCommitTimeFieldNumber, change.logged_at.micros);
  AppendFlag(scratch, EntityChange::kCallEndFieldNumber, change.call_end);
  if (change.removed) return AppendBytes(out, Response::kChangesFieldNumber, scratch);
  std::string head;
  AppendHead(head, EntityChange::kNewOrUpdatedEntityFieldNumber, change.record.size());
  AppendHead(out, Response::kChangesFieldNumber, head.size() + change.record.size() + scratch.size());
  out.append(head).append(change.record).append(scratch);
}

std::string Progress(const StreamMessageFacts& facts) {
  std::string progress;
  AppendTime(progress, pb::Progress::kAsOfFieldNumber, facts.as_of.micros);
  AppendTime(progress, pb::Progress::kLagFieldNumber, facts.lag.count());
  AppendNumber(progress, pb::Progress::kRowsDoneFieldNumber, facts.rows_done);
  AppendNumber(progress, pb::Progress::kRowsEstimatedFieldNumber, facts.rows_estimated);
  return progress;
}

// The slice owns the string, so that nothing is copied on the way to the transport.
grpc::Slice Own(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  return {owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); }, owned};
}

void AppendChanges(std::string& out, const dictionary::Entity& entity, const std::vector<Change>& changes) {
  std::size_t bytes = 256;
  for (const Change& change : changes) bytes += change.record.size() + 64;
  out.reserve(bytes);
  std::string scratch;
  for (const Change& change : changes) AppendChange(out, entity, change, scratch);
}

void AppendFacts(std::string& out, const StreamMessageFacts& facts) {
  AppendNumber(out, Response::kPhaseFieldNumber,
               facts.initial_load ? pb::CHANGE_PHASE_INITIAL_LOAD : pb::CHANGE_PHASE_CHANGES);
  AppendFlag(out, Response::kMoreRecordsFieldNumber, facts.more_records);
  AppendBytes(out, Response::kProgressFieldNumber, Progress(facts));
  AppendFlag(out, Response::kConsistentFieldNumber, facts.consistent);
  AppendBytes(out, Response::kDataTokenFieldNumber, facts.data_token);
  AppendFlag(out, Response::kCallEndFieldNumber, facts.call_end);
  AppendFlag(out, Response::kResyncFieldNumber, facts.resync);
}

}  // namespace

grpc::Slice SerializeChanges(const dictionary::Entity& entity, const std::vector<Change>& changes) {
  std::string out;
  AppendChanges(out, entity, changes);
  return Own(std::move(out));
}

std::shared_ptr<const grpc::ByteBuffer> JoinMessage(const grpc::Slice& changes, const StreamMessageFacts& facts) {
  std::string end;
  AppendFacts(end, facts);
  const std::array<grpc::Slice, 2> slices{changes, Own(std::move(end))};
  return std::make_shared<const grpc::ByteBuffer>(slices.data(), slices.size());
}

std::shared_ptr<const grpc::ByteBuffer> MakeChangeMessage(const dictionary::Entity& entity,
                                                          const std::vector<Change>& changes,
                                                          const StreamMessageFacts& facts) {
  std::string out;
  AppendChanges(out, entity, changes);
  AppendFacts(out, facts);
  const grpc::Slice slice = Own(std::move(out));
  return std::make_shared<const grpc::ByteBuffer>(&slice, 1);
}

std::shared_ptr<const grpc::ByteBuffer> MakeEndMessage(EndReason reason, std::chrono::milliseconds reconnect_after,
                                                       const std::string& data_token) {
  std::string end, out;
  AppendNumber(end, pb::StreamEnd::kReasonFieldNumber, static_cast<int>(reason));
  AppendTime(end, pb::StreamEnd::kReconnectAfterFieldNumber, std::chrono::microseconds(reconnect_after).count());
  AppendFlag(out, Response::kMoreRecordsFieldNumber, true);
  AppendBytes(out, Response::kStreamEndFieldNumber, end);
  AppendBytes(out, Response::kDataTokenFieldNumber, data_token);
  const grpc::Slice slice = Own(std::move(out));
  return std::make_shared<const grpc::ByteBuffer>(&slice, 1);
}

}  // namespace journeyfeed::feed
