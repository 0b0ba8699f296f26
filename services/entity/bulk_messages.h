// CreateMultiple, UpdateMultiple, UpsertMultiple and DeleteMultiple, written once for every entity (see
// entity_service.h).
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "services/call/raw_service.h"
#include "services/entity/bulk_write.h"
#include "services/feed/feed.h"

namespace journeyfeed::entity_service {

// Thread-safe; outlives the server. The feed and its store outlive it.
template <typename Api>
class BulkMessages {
 public:
  explicit BulkMessages(feed::Feed& feed) : feed_(feed), entity_(dictionary::Describe(Api::Record::descriptor())) {}

  // Adds the methods to `service`, which keeps a pointer to this. DeleteMultiple only where the package has it.
  void Register(call::RawService& service) {
    using dictionary::PlanCreate, dictionary::PlanUpdate, dictionary::PlanUpsert;
    Add<typename Api::CreateMultipleRequest, typename Api::CreateMultipleResponse>(
        service, "CreateMultiple", entity::v1::MESSAGE_NAME_CREATE_MULTIPLE, entity::v1::MESSAGE_NAME_CREATE,
        [this](const auto& target, const dictionary::WritePaths& paths) { return PlanCreate(entity_, target, paths); });
    Add<typename Api::UpdateMultipleRequest, typename Api::UpdateMultipleResponse>(
        service, "UpdateMultiple", entity::v1::MESSAGE_NAME_UPDATE_MULTIPLE, entity::v1::MESSAGE_NAME_UPDATE,
        [this](const auto& target, const dictionary::WritePaths& paths) {
          return PlanUpdate(entity_, target.target(), MaskOf(target), paths);
        });
    Add<typename Api::UpsertMultipleRequest, typename Api::UpsertMultipleResponse>(
        service, "UpsertMultiple", entity::v1::MESSAGE_NAME_UPSERT_MULTIPLE, entity::v1::MESSAGE_NAME_UPSERT,
        [this](const auto& target, const dictionary::WritePaths& paths) {
          return PlanUpsert(entity_, target.target(), MaskOf(target), paths);
        });
    if constexpr (requires { typename Api::DeleteMultipleRequest; }) AddDelete(service);
  }

 private:
  // Where a row that merges has its mask; reserved in one that replaces.
  static constexpr int kReservedForMask = 2;

  template <typename Request, typename Response, typename Plan>
  void Add(call::RawService& service, const char* name, MessageName bulk, MessageName single, Plan plan) {
    service.Unary<Request, Response>(name, [this, bulk, single, plan](call::Call<Request, Response> call) {
      Run(call, bulk,
          [this, single, plan](const auto& target, std::size_t index) { return ReadRow(target, index, single, plan); });
    });
  }

  void AddDelete(call::RawService& service) {
    using Request = typename Api::DeleteMultipleRequest;
    using Response = typename Api::DeleteMultipleResponse;
    service.Unary<Request, Response>("DeleteMultiple", [this](call::Call<Request, Response> call) {
      Run(call, entity::v1::MESSAGE_NAME_DELETE_MULTIPLE, [this](const auto& target, std::size_t index) {
        const std::string path = "targets[" + std::to_string(index) + "]";
        Violations violations;
        WriteRow row{.message = entity::v1::MESSAGE_NAME_DELETE, .key = {}, .values = {}, .if_match = {}};
        row.key = ReadReference(entity_, target.target(), target.has_target(), path + ".target", violations);
        row.if_match = ReadIfMatch(target.if_match(), path + ".if_match", violations);
        if (!violations.empty()) return RefusedRow(InvalidFields(std::move(violations)));
        return BulkRow{.row = std::move(row), .incomplete = {}};
      });
    });
  }

  // Validate, convert, call, convert, reply.
  template <typename Request, typename Response, typename Read>
  void Run(const call::Call<Request, Response>& call, MessageName bulk, Read read) {
    const Request& request = call.request();
    Violations violations;
    BulkRequest all{
        .entity = &entity_, .message = bulk, .rows = {}, .request_id = ReadRequestId(request.request_id(), violations)};
    if (request.targets_size() < 1 || request.targets_size() > kMostRows) {
      violations.push_back({"targets",
                            "1 to 1000 rows are allowed, there are " + std::to_string(request.targets_size()),
                            entity::v1::ERROR_REASON_INVALID_ARGUMENT});
    }
    if (!violations.empty()) return call.Finish(std::unexpected(InvalidFields(std::move(violations))));
    for (int i = 0; i < request.targets_size(); ++i)
      all.rows.push_back(read(request.targets(i), static_cast<std::size_t>(i)));
    call.mutable_request() = Request();  // the rows hold what it held
    if (all.request_id) all.fingerprint = FingerprintOf(all.rows);
    ExecuteBulk(feed_.store(), call.context(), std::move(all), [this, call](Result<BulkOutcome> outcome) {
      if (!outcome) return call.Finish(std::unexpected(outcome.error()));
      Response response;
      for (auto& result : outcome->results) *response.add_results() = std::move(result);
      if constexpr (requires { response.set_failed_count(0); }) response.set_failed_count(outcome->failed);
      if (outcome->point) response.set_session_token(feed_.tokens().EncodeSession(entity_, *outcome->point));
      call.Finish(std::move(response));
    });
  }

  static std::int64_t FingerprintOf(const std::vector<BulkRow>& rows) {
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

  template <typename Target, typename Plan>
  BulkRow ReadRow(const Target& target, std::size_t index, MessageName single, const Plan& plan) {
    const std::string path = "targets[" + std::to_string(index) + "]";
    // A record that is itself the row stands at the row's path, one inside it at `.target`.
    const std::string record = std::is_same_v<Target, typename Api::Record> ? path : path + ".target";
    const std::string mask = path + ".update_mask";
    const Result<dictionary::WritePlan> planned = plan(target, dictionary::WritePaths{.target = record, .mask = mask});
    Violations violations;
    WriteRow row{.message = single, .key = {}, .values = {}, .if_match = {}};
    if constexpr (requires { target.if_match(); })
      row.if_match = ReadIfMatch(target.if_match(), path + ".if_match", violations);
    if constexpr (requires { target.if_none_match(); }) {
      row.if_none_match = ReadIfNoneMatch(target.if_none_match(), path + ".if_none_match", violations);
    }
    if (auto refused = Collect(planned ? std::nullopt : std::optional(planned.error()), std::move(violations))) {
      return RefusedRow(*std::move(refused));
    }
    Fill(row, *planned);
    BulkRow read{.row = std::move(row), .incomplete = {}, .has_id = planned->has_id};
    if (const std::uint64_t missing = planned->missing_for_create) {
      read.incomplete = [this, missing, record] {
        return dictionary::MissingForCreate(entity_, {.key = {}, .missing_for_create = missing}, record);
      };
    }
    return read;
  }

  template <typename Target>
  static const google::protobuf::FieldMask* MaskOf(const Target& target) {
    if constexpr (requires { target.update_mask(); }) {
      return target.has_update_mask() ? &target.update_mask() : nullptr;
    } else {
      // The caller means a merge: replacing the record would lose columns. Any mask is refused.
      return HasUnknownField(target, kReservedForMask) ? &google::protobuf::FieldMask::default_instance() : nullptr;
    }
  }

  feed::Feed& feed_;
  const dictionary::Entity& entity_;
};

}  // namespace journeyfeed::entity_service
