// The Dataverse messages, written once for every entity. `Api` names the generated types of its package (see
// services/journey_run_session/service.cc); the methods read as validate, convert, call, convert, reply.
#pragma once

#include <memory>
#include <type_traits>

#include "services/call/raw_service.h"
#include "services/entity/change_request.h"
#include "services/entity/request_parts.h"
#include "services/entity/state_refusal.h"
#include "services/entity/write_outcome.h"
#include "services/feed/change_stream.h"
#include "storage/dictionary/mask.h"
#include "storage/dictionary/row.h"
#include "storage/dictionary/write_plan.h"

namespace journeyfeed::entity_service {

// Thread-safe; outlives the server. The feed and its store outlive it.
template <typename Api>
class EntityService {
 public:
  explicit EntityService(feed::Feed& feed) : feed_(feed), entity_(dictionary::Describe(Api::Record::descriptor())) {}

  // Adds the methods to `service`, which keeps a pointer to this.
  void Register(call::RawService& service) {
    Unary<typename Api::CreateRequest, typename Api::CreateResponse>(service, "Create", &EntityService::Create);
    Unary<typename Api::RetrieveRequest, typename Api::RetrieveResponse>(service, "Retrieve", &EntityService::Retrieve);
    Unary<typename Api::UpdateRequest, typename Api::UpdateResponse>(service, "Update", &EntityService::Update);
    Unary<typename Api::UpsertRequest, typename Api::UpsertResponse>(service, "Upsert", &EntityService::Upsert);
    Unary<typename Api::DeleteRequest, typename Api::DeleteResponse>(service, "Delete", &EntityService::Delete);
    using ChangesRequest = typename Api::RetrieveEntityChangesRequest;
    service.Stream<ChangesRequest, typename Api::RetrieveEntityChangesResponse>(
        "RetrieveEntityChanges", [this](call::StreamArguments arguments, ChangesRequest request) {
          return RetrieveEntityChanges(std::move(arguments), request);
        });
  }

 private:
  // Where an UpsertRequest that merges has its mask; reserved in one that replaces.
  static constexpr int kReservedForMask = 2;

  using CreateCall = call::Call<typename Api::CreateRequest, typename Api::CreateResponse>;
  using RetrieveCallHandle = call::Call<typename Api::RetrieveRequest, typename Api::RetrieveResponse>;
  using UpdateCall = call::Call<typename Api::UpdateRequest, typename Api::UpdateResponse>;
  using UpsertCall = call::Call<typename Api::UpsertRequest, typename Api::UpsertResponse>;
  using DeleteCall = call::Call<typename Api::DeleteRequest, typename Api::DeleteResponse>;

  template <typename Request, typename Response>
  void Unary(call::RawService& service, const char* name,
             void (EntityService::*method)(call::Call<Request, Response>)) {
    service.Unary<Request, Response>(
        name, [this, method](call::Call<Request, Response> call) { (this->*method)(std::move(call)); });
  }

  void Create(CreateCall call) {
    const auto& request = call.request();
    Violations violations;
    auto plan = dictionary::PlanCreate(entity_, request.target());
    WriteCall write = Start(call, entity::v1::MESSAGE_NAME_CREATE, request.request_id(), violations);
    if (auto refused = Refused(plan, std::move(violations))) return call.Finish(std::unexpected(*refused));
    Fill(write.rows[0], *plan);
    Seal(write, plan->has_id);
    Execute(std::move(write), call, [this, call](const RowOutcome& row, std::string token) {
      typename Api::CreateResponse response;
      response.set_id(row.key.id.ToString());
      if constexpr (requires { response.set_partition_id(""); })
        response.set_partition_id(EffectivePartitionId(row.key));
      Reply(call, row, std::move(token), std::move(response));
    });
  }

  void Update(UpdateCall call) {
    const auto& request = call.request();
    Violations violations;
    auto plan =
        dictionary::PlanUpdate(entity_, request.target(), request.has_update_mask() ? &request.update_mask() : nullptr);
    WriteCall write = Start(call, entity::v1::MESSAGE_NAME_UPDATE, request.request_id(), violations);
    write.rows[0].if_match = ReadIfMatch(request.if_match(), "if_match", violations);
    if (auto refused = Refused(plan, std::move(violations))) return call.Finish(std::unexpected(*refused));
    Fill(write.rows[0], *plan);
    Seal(write, plan->has_id);
    Execute(std::move(write), call, [this, call](const RowOutcome& row, std::string token) {
      Reply(call, row, std::move(token), typename Api::UpdateResponse());
    });
  }

  void Upsert(UpsertCall call) {
    const auto& request = call.request();
    Violations violations;
    const google::protobuf::FieldMask* mask = nullptr;
    if constexpr (requires { request.update_mask(); }) {
      mask = request.has_update_mask() ? &request.update_mask() : nullptr;
    } else if (HasUnknownField(request, kReservedForMask)) {
      // The caller means a merge: replacing the record would lose columns. Any mask is refused.
      mask = &google::protobuf::FieldMask::default_instance();
    }
    auto plan = dictionary::PlanUpsert(entity_, request.target(), mask);
    WriteCall write = Start(call, entity::v1::MESSAGE_NAME_UPSERT, request.request_id(), violations);
    write.rows[0].if_match = ReadIfMatch(request.if_match(), "if_match", violations);
    write.rows[0].if_none_match = ReadIfNoneMatch(request.if_none_match(), "if_none_match", violations);
    if (auto refused = Refused(plan, std::move(violations))) return call.Finish(std::unexpected(*refused));
    Fill(write.rows[0], *plan);
    Seal(write, plan->has_id);
    Execute(
        std::move(write), call,
        [this, call](const RowOutcome& row, std::string token) {
          typename Api::UpsertResponse response;
          response.set_record_created(row.verdict == WriteVerdict::kCreated);
          response.mutable_target()->set_id(row.key.id.ToString());
          if (entity_.elastic) response.mutable_target()->set_partition_id(EffectivePartitionId(row.key));
          Reply(call, row, std::move(token), std::move(response));
        },
        [this, missing = plan->missing_for_create] {
          return dictionary::MissingForCreate(entity_, {.key = {}, .missing_for_create = missing});
        });
  }

  void Delete(DeleteCall call) {
    const auto& request = call.request();
    Violations violations;
    WriteCall write = Start(call, entity::v1::MESSAGE_NAME_DELETE, request.request_id(), violations);
    write.rows[0].key = ReadReference(entity_, request.target(), request.has_target(), "target", violations);
    write.rows[0].if_match = ReadIfMatch(request.if_match(), "if_match", violations);
    if (!violations.empty()) return call.Finish(std::unexpected(InvalidFields(std::move(violations))));
    Seal(write);
    Execute(std::move(write), call, [call](const RowOutcome& row, std::string token) {
      typename Api::DeleteResponse response;
      response.set_version_number(row.version);
      response.set_session_token(std::move(token));
      call.Finish(std::move(response));
    });
  }

  void Retrieve(RetrieveCallHandle call) {
    const auto& request = call.request();
    Violations violations;
    RetrieveCall read{.entity = &entity_,
                      .key = {},
                      .columns = 0,
                      .not_before = {},
                      .deadline = call.context().deadline,
                      .gone = call.gone()};
    read.key = ReadReference(entity_, request.target(), request.has_target(), "target", violations);
    const auto columns = dictionary::ParseColumns(entity_, request.columns(), "columns");
    const auto known = ReadIfMatch(request.if_none_match(), "if_none_match", violations);
    const auto token = ReadSessionToken(request.session_token());
    auto refused = Collect(columns ? std::nullopt : std::optional(columns.error()), std::move(violations));
    refused =
        Collect(token ? std::nullopt : std::optional(token.error()), refused ? refused->violations : Violations());
    if (refused) return call.Finish(std::unexpected(*refused));
    read.columns = *columns;
    read.not_before = *token;
    feed_.store().Retrieve(read, [this, call, known, key = read.key](Result<std::optional<StoredRecord>> record) {
      if (!record) return call.Finish(std::unexpected(record.error()));
      if (!*record) return call.Finish(std::unexpected(NotFound(entity_, key)));
      typename Api::RetrieveResponse response;
      const bool same = known && (*known == kAnyVersion || *known == (*record)->version);
      response.set_not_modified(same);
      if (!same) response.mutable_entity()->ParseFromString((*record)->message);
      call.Finish(std::move(response));
    });
  }

  Result<std::shared_ptr<call::StreamCall>> RetrieveEntityChanges(
      call::StreamArguments arguments, const typename Api::RetrieveEntityChangesRequest& request) {
    auto checked = ReadChangeRequest(entity_, feed_.tokens(), request);
    if (!checked) return std::unexpected(checked.error());
    return std::make_shared<feed::ChangeStream>(std::move(arguments), feed_, *std::move(checked));
  }

  // A call with one row, of which message, caller and request id are filled in.
  template <typename Handle>
  WriteCall Start(const Handle& call, MessageName message, std::string_view request_id, Violations& violations) {
    const call::CallContext& context = call.context();
    WriteCall write{.entity = &entity_,
                    .rows = std::vector<WriteRow>(1),
                    .atomic = !entity_.elastic,
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

  static void Seal(WriteCall& write, bool has_id = true) {
    if (!write.request_id) return;
    Fingerprint fingerprint;
    fingerprint.Add(write.rows[0], has_id);
    write.fingerprint = fingerprint.Value();
  }

  static std::optional<Status> Refused(const Result<dictionary::WritePlan>& plan, Violations violations) {
    return Collect(plan ? std::nullopt : std::optional(plan.error()), std::move(violations));
  }

  // Runs `succeeded` with the executed row and its session token; everything else ends the call. `incomplete` explains
  // an Upsert that could not create.
  template <typename Handle, typename Succeeded>
  void Execute(WriteCall write, const Handle& call, Succeeded succeeded, std::function<Status()> incomplete = {}) {
    const StateRequest asked = StateRequestOf(entity_, write.rows[0]);
    feed_.store().Write(std::move(write), [this, call, succeeded, incomplete, asked](Result<WriteOutcome> outcome) {
      if (!outcome) return call.Finish(std::unexpected(outcome.error()));
      const RowOutcome& row = outcome->rows.at(0);
      if (row.verdict == WriteVerdict::kIncomplete && incomplete) return call.Finish(std::unexpected(incomplete()));
      if (row.verdict == WriteVerdict::kRefusedByState)
        return call.Finish(std::unexpected(StateRefusal(entity_, asked, row)));
      if (auto failure = FailureOf(entity_, row)) return call.Finish(std::unexpected(*failure));
      succeeded(row, feed_.tokens().EncodeSession(entity_, outcome->point));
    });
  }

  // Completes and sends the response of a write, with the record when the request asks for it.
  template <typename Handle, typename Response>
  void Reply(const Handle& call, const RowOutcome& row, std::string token, Response response) {
    response.set_version_number(row.version);
    response.set_session_token(std::move(token));
    if (!call.request().return_representation()) return call.Finish(std::move(response));
    RetrieveCall read{.entity = &entity_,
                      .key = row.key,
                      .not_before = {},
                      .fresh = true,
                      .deadline = call.context().deadline,
                      .gone = call.gone()};
    auto shared = std::make_shared<Response>(std::move(response));
    feed_.store().Retrieve(std::move(read), [call, shared](Result<std::optional<StoredRecord>> record) {
      // The write is done: a failed read leaves the representation out.
      if (record && *record) shared->mutable_representation()->ParseFromString((*record)->message);
      call.Finish(std::move(*shared));
    });
  }

  Result<std::optional<LogPoint>> ReadSessionToken(const std::string& token) const {
    if (token.empty()) return std::nullopt;
    auto point = feed_.tokens().DecodeSession(entity_, token);
    if (!point) return std::unexpected(point.error());
    return *point;
  }

  feed::Feed& feed_;
  const dictionary::Entity& entity_;
};

}  // namespace journeyfeed::entity_service
