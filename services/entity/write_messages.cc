// Create, Update, Upsert and Delete.
#include "services/entity/entity_service.h"
#include "services/entity/request_parts.h"
#include "services/entity/status_refusal.h"
#include "services/entity/write_outcome.h"
#include "storage/dictionary/write_plan.h"

namespace journeyfeed::entity_service {
namespace {

// Returns a call with one row, and fills in message, caller and request id.
WriteRequest Start(const dictionary::Entity& entity, const call::CallContext& context, MessageName message,
                   std::string_view request_id, Violations& violations) {
  WriteRequest write{.entity = &entity,
                     .rows = std::vector<WriteRow>(1),
                     .atomic = !entity.elastic,
                     .user = context.user,
                     .initiating_user = context.initiating_user,
                     .correlation_id = context.correlation_id,
                     .parent = {},
                     .request_id = ReadRequestId(request_id, violations),
                     .fingerprint = 0,
                     .deadline = context.deadline};
  write.rows[0].message = message;
  return write;
}

void Seal(WriteRequest& write, bool has_id) {
  if (!write.request_id) return;
  Fingerprint fingerprint;
  fingerprint.Add(write.rows[0], has_id);
  write.fingerprint = fingerprint.Value();
}

std::optional<Failure> Refused(const Result<dictionary::WritePlan>& plan, Violations violations) {
  return Collect(plan ? std::nullopt : std::optional(plan.error()), std::move(violations));
}

// Runs `succeeded` with the executed row and its session token; everything else ends the call. `incomplete` explains
// an Upsert that could not create.
template <typename Call, typename Succeeded>
void Execute(Store& store, const feed::TokenCodec& tokens, WriteRequest write, const Call& call, Succeeded succeeded,
             std::function<Failure()> incomplete = {}) {
  const dictionary::Entity& entity = *write.entity;
  const StateRequest asked = StateRequestOf(entity, write.rows[0]);
  store.Write(std::move(write), [&entity, &tokens, call, succeeded, incomplete, asked](Result<WriteOutcome> outcome) {
    if (!outcome) return call.Finish(std::unexpected(outcome.error()));
    const RowOutcome& row = outcome->rows.at(0);
    if (row.verdict == WriteVerdict::kIncomplete && incomplete) return call.Finish(std::unexpected(incomplete()));
    if (row.verdict == WriteVerdict::kRefusedByState)
      return call.Finish(std::unexpected(StatusRefusal(entity, asked, row)));
    if (auto failure = FailureOf(entity, row)) return call.Finish(std::unexpected(*failure));
    succeeded(row, tokens.EncodeReadYourWrites(entity, outcome->point));
  });
}

// Completes and sends the response of a write, with the record when the request asks for it.
template <typename Call, typename Response>
void Reply(Store& store, const dictionary::Entity& entity, const Call& call, const RowOutcome& row, std::string token,
           Response response) {
  response.set_version_number(row.version);
  response.set_session_token(std::move(token));
  if (!call.request().return_representation()) return call.Finish(std::move(response));
  RecordRequest read{.entity = &entity,
                     .key = row.key,
                     .not_before = {},
                     .fresh = true,
                     .deadline = call.context().deadline,
                     .gone = call.gone()};
  auto shared = std::make_shared<Response>(std::move(response));
  store.Retrieve(std::move(read), [call, shared](Result<std::optional<StoredRecord>> record) {
    // The write is done: a failed read leaves the representation out.
    if (record && *record) shared->set_representation(std::move((*record)->bytes));
    call.Finish(std::move(*shared));
  });
}

}  // namespace

void EntityService::Create(const call::Call<pb::CreateRequest, pb::CreateResponse>& call) {
  const auto& request = call.request();
  const auto target = ParseRecord(entity_, request.target());
  if (!target) return call.FinishMalformed();
  Violations violations;
  auto plan = dictionary::PlanCreate(entity_, *target);
  WriteRequest write = Start(entity_, call.context(), pb::MESSAGE_NAME_CREATE, request.request_id(), violations);
  if (auto refused = Refused(plan, std::move(violations))) return call.Finish(std::unexpected(*refused));
  Fill(write.rows[0], *plan);
  Seal(write, plan->has_id);
  Execute(store_, tokens_, std::move(write), call, [this, call](const RowOutcome& row, std::string token) {
    pb::CreateResponse response;
    response.set_id(row.key.id.ToString());
    if (entity_.elastic) response.set_partition_id(EffectivePartitionId(row.key));
    Reply(store_, entity_, call, row, std::move(token), std::move(response));
  });
}

void EntityService::Update(const call::Call<pb::UpdateRequest, pb::UpdateResponse>& call) {
  const auto& request = call.request();
  const auto target = ParseRecord(entity_, request.target());
  if (!target) return call.FinishMalformed();
  Violations violations;
  auto plan = dictionary::PlanUpdate(entity_, *target, request.has_update_mask() ? &request.update_mask() : nullptr);
  WriteRequest write = Start(entity_, call.context(), pb::MESSAGE_NAME_UPDATE, request.request_id(), violations);
  write.rows[0].if_match = ReadIfMatch(request.if_match(), "if_match", violations);
  if (auto refused = Refused(plan, std::move(violations))) return call.Finish(std::unexpected(*refused));
  Fill(write.rows[0], *plan);
  Seal(write, plan->has_id);
  Execute(store_, tokens_, std::move(write), call, [this, call](const RowOutcome& row, std::string token) {
    Reply(store_, entity_, call, row, std::move(token), pb::UpdateResponse());
  });
}

void EntityService::Upsert(const call::Call<pb::UpsertRequest, pb::UpsertResponse>& call) {
  const auto& request = call.request();
  const auto target = ParseRecord(entity_, request.target());
  if (!target) return call.FinishMalformed();
  Violations violations;
  // An elastic table refuses every mask: the caller means a merge, and replacing the record would lose columns.
  auto plan = dictionary::PlanUpsert(entity_, *target, request.has_update_mask() ? &request.update_mask() : nullptr);
  WriteRequest write = Start(entity_, call.context(), pb::MESSAGE_NAME_UPSERT, request.request_id(), violations);
  write.rows[0].if_match = ReadIfMatch(request.if_match(), "if_match", violations);
  write.rows[0].if_none_match = ReadIfNoneMatch(request.if_none_match(), "if_none_match", violations);
  if (auto refused = Refused(plan, std::move(violations))) return call.Finish(std::unexpected(*refused));
  Fill(write.rows[0], *plan);
  Seal(write, plan->has_id);
  Execute(
      store_, tokens_, std::move(write), call,
      [this, call](const RowOutcome& row, std::string token) {
        pb::UpsertResponse response;
        response.set_record_created(row.verdict == WriteVerdict::kCreated);
        response.mutable_target()->set_id(row.key.id.ToString());
        if (entity_.elastic) response.mutable_target()->set_partition_id(EffectivePartitionId(row.key));
        Reply(store_, entity_, call, row, std::move(token), std::move(response));
      },
      [this, missing = plan->missing_for_create] {
        return dictionary::MissingForCreate(entity_, {.key = {}, .missing_for_create = missing});
      });
}

void EntityService::Delete(const call::Call<pb::DeleteRequest, pb::DeleteResponse>& call) {
  const auto& request = call.request();
  Violations violations;
  WriteRequest write = Start(entity_, call.context(), pb::MESSAGE_NAME_DELETE, request.request_id(), violations);
  write.rows[0].key = ReadReference(entity_, request.target(), request.has_target(), "target", violations);
  write.rows[0].if_match = ReadIfMatch(request.if_match(), "if_match", violations);
  if (!violations.empty()) return call.Finish(std::unexpected(InvalidFields(std::move(violations))));
  Seal(write, /*has_id=*/true);
  Execute(store_, tokens_, std::move(write), call, [call](const RowOutcome& row, std::string token) {
    pb::DeleteResponse response;
    response.set_version_number(row.version);
    response.set_session_token(std::move(token));
    call.Finish(std::move(response));
  });
}

}  // namespace journeyfeed::entity_service
