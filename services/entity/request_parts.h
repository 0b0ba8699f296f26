// The parts of a request that every entity has: references, ETags, request ids, tokens. Each function adds what is
// wrong to `violations` and returns something harmless then.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journeyfeed/entity/v1/entity_reference.pb.h"
#include "services/feed/token.h"
#include "storage/dictionary/write_plan.h"
#include "storage/store.h"

namespace journeyfeed::entity_service {

using Violations = std::vector<FieldViolation>;

void Refuse(std::string_view path, std::string description, Violations& violations,
            ErrorReason reason = entity::v1::ERROR_REASON_INVALID_ARGUMENT);

// The key that a reference names. A partition is refused for an entity without partitions. `given`: the field is
// present.
RecordKey ReadReference(const dictionary::Entity& entity, const entity::v1::EntityReference& reference, bool given,
                        std::string_view path, Violations& violations);

// Nothing when empty; * or a version, plain or as an ETag: 17, "17", W/"17".
std::optional<std::int64_t> ReadIfMatch(std::string_view text, std::string_view path, Violations& violations);

// Of an Upsert: "" or "*".
bool ReadIfNoneMatch(std::string_view text, std::string_view path, Violations& violations);

// A UUID, or nothing when empty.
std::optional<Uuid> ReadRequestId(std::string_view text, Violations& violations);

// Nothing when empty. SESSION_TOKEN_INVALID.
Result<std::optional<CommitPoint>> ReadReadYourWritesToken(const feed::TokenCodec& tokens,
                                                           const dictionary::Entity& entity, const std::string& token);

// The partition that a request names; what a table without partitions is sent there is unknown to it.
template <typename Request>
std::optional<std::string> PartitionOf(const dictionary::Entity& entity, const Request& request) {
  return entity.elastic && request.has_partition_id() ? std::optional(request.partition_id()) : std::nullopt;
}

// A partition in canonical form, for requests that name one by itself.
void CheckPartition(std::string_view partition_id, std::string_view path, Violations& violations);

// What a plan writes; an id is made when it has none.
void Fill(WriteRow& row, const dictionary::WritePlan& plan);

// The record of a request; null when the bytes are no message of the entity. Parts of one record are merged, as the
// wire format has it; without any, the record is empty.
std::unique_ptr<google::protobuf::Message> ParseRecord(const dictionary::Entity& entity, const std::string& bytes);
std::unique_ptr<google::protobuf::Message> ParseRecord(const dictionary::Entity& entity,
                                                       const google::protobuf::RepeatedPtrField<std::string>& parts);

// By this server's clock.
Timestamp Now();

// What two requests that mean the same writes share, and (but for chance) no others: of the checked rows, so that
// neither spelling counts nor an option that changes nothing that is written.
class Fingerprint {
 public:
  // `has_id`: the caller named the record; an id that was made is of one attempt only.
  void Add(const WriteRow& row, bool has_id);
  // A row that is not executed.
  void AddRefused();
  std::int64_t Value() const;

 private:
  std::string text_;
};

// Moves the violations of `status` behind `violations`; a status without any is the answer by itself.
std::optional<Failure> Collect(std::optional<Failure> failure, Violations violations);

}  // namespace journeyfeed::entity_service
