// CreateMultiple, UpdateMultiple, UpsertMultiple and DeleteMultiple.
#include <string>
#include <utility>

#include "services/entity/bulk_write.h"
#include "services/entity/entity_service.h"

namespace journeyfeed::entity_service {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::Message;

// One element of `targets`, with what its message has.
struct Target {
  std::string path;         // "targets[3]"
  std::string record_path;  // a record that is itself the element stands at its path, one inside it at ".target"
  std::unique_ptr<Message> record;
  const FieldMask* mask = nullptr;
  std::string_view if_match = {};
  std::string_view if_none_match = {};
};

Target ReadTarget(const dictionary::Entity& entity, const std::string& bytes, const std::string& path) {
  return {.path = path, .record_path = path, .record = ParseRecord(entity, bytes)};
}

Target ReadTarget(const dictionary::Entity& entity, const pb::UpdateMultipleRequest::Target& target,
                  const std::string& path) {
  return {.path = path,
          .record_path = path + ".target",
          .record = ParseRecord(entity, target.target()),
          .mask = target.has_update_mask() ? &target.update_mask() : nullptr,
          .if_match = target.if_match()};
}

Target ReadTarget(const dictionary::Entity& entity, const pb::UpsertMultipleRequest::Target& target,
                  const std::string& path) {
  return {.path = path,
          .record_path = path + ".target",
          .record = ParseRecord(entity, target.target()),
          .mask = target.has_update_mask() ? &target.update_mask() : nullptr,
          .if_match = target.if_match(),
          .if_none_match = target.if_none_match()};
}

Result<dictionary::WritePlan> Plan(const dictionary::Entity& entity, MessageName message, const Target& target,
                                   const dictionary::WritePaths& paths) {
  if (message == pb::MESSAGE_NAME_CREATE) return dictionary::PlanCreate(entity, *target.record, paths);
  if (message == pb::MESSAGE_NAME_UPDATE) return dictionary::PlanUpdate(entity, *target.record, target.mask, paths);
  return dictionary::PlanUpsert(entity, *target.record, target.mask, paths);
}

BulkRow ToRow(const dictionary::Entity& entity, MessageName message, const Target& target) {
  const std::string mask = target.path + ".update_mask";
  const auto planned = Plan(entity, message, target, {.target = target.record_path, .mask = mask});
  Violations violations;
  WriteRow row{.message = message, .key = {}, .values = {}, .if_match = {}};
  row.if_match = ReadIfMatch(target.if_match, target.path + ".if_match", violations);
  row.if_none_match = ReadIfNoneMatch(target.if_none_match, target.path + ".if_none_match", violations);
  if (auto refused = Collect(planned ? std::nullopt : std::optional(planned.error()), std::move(violations))) {
    return RefusedRow(*std::move(refused));
  }
  Fill(row, *planned);
  BulkRow read{.row = std::move(row), .incomplete = {}, .has_id = planned->has_id};
  if (const std::uint64_t missing = planned->missing_for_create) {
    read.incomplete = [&entity, missing, path = target.record_path] {
      return dictionary::MissingForCreate(entity, {.key = {}, .missing_for_create = missing}, path);
    };
  }
  return read;
}

BulkRow ToDeletion(const dictionary::Entity& entity, const pb::DeleteMultipleRequest::Target& target,
                   const std::string& path) {
  Violations violations;
  WriteRow row{.message = pb::MESSAGE_NAME_DELETE, .key = {}, .values = {}, .if_match = {}};
  row.key = ReadReference(entity, target.target(), target.has_target(), path + ".target", violations);
  row.if_match = ReadIfMatch(target.if_match(), path + ".if_match", violations);
  if (!violations.empty()) return RefusedRow(InvalidFields(std::move(violations)));
  return BulkRow{.row = std::move(row), .incomplete = {}};
}

std::string PathOf(int index) { return "targets[" + std::to_string(index) + "]"; }

// The rows of a request; nothing when a record in it is damaged.
template <typename Request>
std::optional<std::vector<BulkRow>> ReadRows(const dictionary::Entity& entity, MessageName message,
                                             const Request& request) {
  std::vector<BulkRow> rows;
  for (int i = 0; i < request.targets_size(); ++i) {
    const Target target = ReadTarget(entity, request.targets(i), PathOf(i));
    if (!target.record) return std::nullopt;
    rows.push_back(ToRow(entity, message, target));
  }
  return rows;
}

template <>
std::optional<std::vector<BulkRow>> ReadRows(const dictionary::Entity& entity, MessageName,
                                             const pb::DeleteMultipleRequest& request) {
  std::vector<BulkRow> rows;
  for (int i = 0; i < request.targets_size(); ++i) rows.push_back(ToDeletion(entity, request.targets(i), PathOf(i)));
  return rows;
}

std::int64_t FingerprintOf(const std::vector<BulkRow>& rows) {
  Fingerprint fingerprint;
  for (const BulkRow& row : rows) {
    if (row.row) {
      fingerprint.Add(*row.row, row.has_id);
    } else {
      fingerprint.AddRefused();
    }
  }
  return fingerprint.Value();
}

// Validate, convert, call, convert, reply. `bulk` is the message, `single` that of each row.
template <typename Request, typename Response>
void ExecuteMessage(const dictionary::Entity& entity, Store& store, const feed::TokenCodec& tokens,
                    const call::Call<Request, Response>& call, MessageName bulk, MessageName single) {
  const Request& request = call.request();
  Violations violations;
  BulkRequest all{
      .entity = &entity, .message = bulk, .rows = {}, .request_id = ReadRequestId(request.request_id(), violations)};
  if (request.targets_size() < 1 || request.targets_size() > kMostRows) {
    Refuse("targets", "1 to 1000 rows are allowed, there are " + std::to_string(request.targets_size()), violations);
  }
  if (!violations.empty()) return call.Finish(std::unexpected(InvalidFields(std::move(violations))));
  auto rows = ReadRows(entity, single, request);
  if (!rows) return call.FinishMalformed();
  all.rows = *std::move(rows);
  call.mutable_request() = Request();  // the rows hold what it held
  if (all.request_id) all.fingerprint = FingerprintOf(all.rows);
  ExecuteBulk(store, call.context(), std::move(all), [&entity, &tokens, call](Result<BulkOutcome> outcome) {
    if (!outcome) return call.Finish(std::unexpected(outcome.error()));
    Response response;
    for (auto& result : outcome->results) *response.add_results() = std::move(result);
    if (entity.elastic) response.set_failed_count(outcome->failed);
    if (outcome->point) response.set_session_token(tokens.EncodeReadYourWrites(entity, *outcome->point));
    call.Finish(std::move(response));
  });
}

}  // namespace

void EntityService::CreateMultiple(const call::Call<pb::CreateMultipleRequest, pb::CreateMultipleResponse>& call) {
  ExecuteMessage(entity_, store_, tokens_, call, pb::MESSAGE_NAME_CREATE_MULTIPLE, pb::MESSAGE_NAME_CREATE);
}

void EntityService::UpdateMultiple(const call::Call<pb::UpdateMultipleRequest, pb::UpdateMultipleResponse>& call) {
  ExecuteMessage(entity_, store_, tokens_, call, pb::MESSAGE_NAME_UPDATE_MULTIPLE, pb::MESSAGE_NAME_UPDATE);
}

void EntityService::UpsertMultiple(const call::Call<pb::UpsertMultipleRequest, pb::UpsertMultipleResponse>& call) {
  ExecuteMessage(entity_, store_, tokens_, call, pb::MESSAGE_NAME_UPSERT_MULTIPLE, pb::MESSAGE_NAME_UPSERT);
}

void EntityService::DeleteMultiple(const call::Call<pb::DeleteMultipleRequest, pb::DeleteMultipleResponse>& call) {
  ExecuteMessage(entity_, store_, tokens_, call, pb::MESSAGE_NAME_DELETE_MULTIPLE, pb::MESSAGE_NAME_DELETE);
}

}  // namespace journeyfeed::entity_service
