// Registers BulkDelete for an entity, as entity_service.h does with the other messages.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "services/call/raw_service.h"
#include "services/call/wire_message.h"
#include "services/entity/bulk_delete.h"

namespace journeyfeed::entity_service {

// Thread-safe; outlives the server. The feed and its store outlive it.
template <typename Api>
class BulkDeleteMessages {
 public:
  BulkDeleteMessages(feed::Feed& feed, const QuerySettings& settings)
      : feed_(feed), settings_(settings), entity_(dictionary::Describe(Api::Record::descriptor())) {}

  // Adds the method to `service`, which keeps a pointer to this.
  void Register(call::RawService& service) {
    service.Stream<Request, Response>("BulkDelete", [this](call::StreamArguments arguments, const Request& request) {
      return BulkDelete(std::move(arguments), request);
    });
  }

 private:
  using Request = typename Api::BulkDeleteRequest;
  using Response = typename Api::BulkDeleteResponse;

  Result<std::shared_ptr<call::StreamCall>> BulkDelete(call::StreamArguments arguments, const Request& request) {
    std::optional<std::string> partition_id;
    if constexpr (requires { request.has_partition_id(); }) {
      if (request.has_partition_id()) partition_id = request.partition_id();
    }
    auto plan = CheckBulkDelete(entity_, settings_,
                                {.filter = request.filter(),
                                 .all = request.all(),
                                 .dry_run = request.dry_run(),
                                 .partition_id = std::move(partition_id),
                                 .user = arguments.record.context().user,
                                 .now = Now()});
    if (!plan) return std::unexpected(plan.error());
    return std::make_shared<BulkDeleteStream>(std::move(arguments), feed_, *std::move(plan), Encode);
  }

  static Timestamp Now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
  }

  static call::StreamCall::Message Encode(const BulkDeleteReport& report) {
    Response response;
    response.mutable_progress()->set_deleted_count(report.deleted);
    response.mutable_progress()->set_failed_count(report.failed);
    response.mutable_progress()->set_remaining_estimate(report.remaining);
    response.set_done(report.done);
    if (report.stream_end) *response.mutable_stream_end() = *report.stream_end;
    response.set_session_token(report.session_token);
    return std::make_shared<const grpc::ByteBuffer>(call::SerializeMessage(response));
  }

  feed::Feed& feed_;
  const QuerySettings settings_;
  const dictionary::Entity& entity_;
};

}  // namespace journeyfeed::entity_service
