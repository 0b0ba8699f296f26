#include "services/entity/write_outcome.h"

namespace journeyfeed::entity_service {
namespace {

namespace pb = entity::v1;

Failure About(const dictionary::Entity& entity, const RecordKey& key, ErrorReason reason, std::string message) {
  Failure failure = Failure{.reason = reason, .message = std::move(message)}
                        .With("entity", entity.logical_name)
                        .With("id", key.id.ToString());
  if (key.partition_id) failure.metadata.emplace_back("partition_id", *key.partition_id);
  return failure;
}

}  // namespace

Failure NotFound(const dictionary::Entity& entity, const RecordKey& key) {
  return About(entity, key, pb::ERROR_REASON_OBJECT_DOES_NOT_EXIST,
               entity.logical_name + " With Id = " + key.id.ToString() + " Does Not Exist");
}

std::optional<Failure> FailureOf(const dictionary::Entity& entity, const RowOutcome& outcome) {
  switch (outcome.verdict) {
    case WriteVerdict::kCreated:
    case WriteVerdict::kUpdated:
    case WriteVerdict::kDeleted:
      return std::nullopt;
    case WriteVerdict::kNotFound:
    case WriteVerdict::kIncomplete:
      return NotFound(entity, outcome.key);
    case WriteVerdict::kExists:
      return About(entity, outcome.key, pb::ERROR_REASON_DUPLICATE_RECORD, "a record with this id exists");
    case WriteVerdict::kVersionMismatch:
      return About(entity, outcome.key, pb::ERROR_REASON_CONCURRENCY_VERSION_MISMATCH,
                   "the record has another version than if_match names");
    case WriteVerdict::kRequestIdReused:
      return Failure{.reason = pb::ERROR_REASON_REQUEST_ID_REUSED,
                     .message = "the request id was used for another request within 24 hours"};
    case WriteVerdict::kRefusedByState:  // state_refusal.h knows more
      return About(entity, outcome.key, pb::ERROR_REASON_INVALID_STATE, "the status of the record forbids it");
    case WriteVerdict::kAborted:
      return About(entity, outcome.key, pb::ERROR_REASON_UNEXPECTED, "another record of the request failed");
  }
  return Failure{.reason = pb::ERROR_REASON_UNEXPECTED, .message = "the store gave no verdict"};
}

}  // namespace journeyfeed::entity_service
