#include "cli/entity.h"

#include <utility>

#include "cli/entity_types.h"
#include "storage/proto_time.h"

namespace journeyfeed::cli {
namespace {

using google::protobuf::Message;

// What the writes have in common; a field that one of them lacks is left out.
template <typename Record, typename Request>
Request ToWire(const WriteRequest& from) {
  Request to;
  to.set_request_id(from.request_id);
  if constexpr (requires { to.set_return_representation(true); }) {
    to.set_return_representation(from.return_representation);
    to.mutable_target()->CopyFrom(static_cast<const Record&>(*from.target));
  } else {
    *to.mutable_target() = from.reference;
  }
  if constexpr (requires { to.mutable_update_mask(); }) {
    if (from.update_mask.paths_size() > 0) *to.mutable_update_mask() = from.update_mask;
  }
  if constexpr (requires { to.set_if_match(""); }) to.set_if_match(from.if_match);
  if constexpr (requires { to.set_if_none_match(""); }) to.set_if_none_match(from.if_none_match);
  return to;
}

template <typename Response>
void TakeReference(const Response& from, WriteResult& to) {
  if constexpr (requires { from.id(); }) to.reference.set_id(from.id());
  if constexpr (requires { from.partition_id(); }) to.reference.set_partition_id(from.partition_id());
  if constexpr (requires { from.record_created(); }) {
    to.reference = from.target();
    to.record_created = from.record_created();
  }
}

template <typename Response>
void TakeResult(Response& from, WriteResult& to) {
  TakeReference(from, to);
  to.version_number = from.version_number();
  to.session_token = from.session_token();
  if constexpr (requires { from.representation(); }) {
    if (from.has_representation()) to.representation.reset(from.release_representation());
  }
}

template <typename Request>
Request ToWire(const ChangeRequest& from) {
  Request to;
  to.set_data_version(from.data_version);
  if (from.columns.paths_size() > 0) *to.mutable_columns() = from.columns;
  if constexpr (requires { to.set_partition_id(""); }) {
    if (from.partition_id) to.set_partition_id(*from.partition_id);
  }
  to.set_follow(from.follow);
  to.set_skip_initial_load(from.skip_initial_load);
  if (from.progress_interval) ToProto(*from.progress_interval, *to.mutable_progress_interval());
  to.set_max_changes(from.max_changes);
  to.set_on_expired(from.on_expired);
  return to;
}

template <typename Request>
Request ToWire(const QueryRequest& from) {
  Request to;
  to.set_filter(from.filter);
  if (from.columns.paths_size() > 0) *to.mutable_columns() = from.columns;
  to.set_order_by(from.order_by);
  to.set_apply(from.apply);
  to.set_page_size(from.page_size);
  to.set_page_token(from.page_token);
  to.set_count(from.count);
  if constexpr (requires { to.set_partition_id(""); }) {
    if (from.partition_id) to.set_partition_id(*from.partition_id);
  }
  to.set_session_token(from.session_token);
  return to;
}

template <typename Response>
void TakePage(Response& from, QueryPage& to) {
  to = {.records = {},
        .aggregates = {from.aggregates().begin(), from.aggregates().end()},
        .more_records = from.more_records(),
        .next_page_token = from.next_page_token(),
        .total_record_count = from.total_record_count(),
        .total_record_count_limit_exceeded = from.total_record_count_limit_exceeded()};
  to.records.reserve(static_cast<std::size_t>(from.entities_size()));
  for (auto& record : *from.mutable_entities()) {
    to.records.emplace_back(record.New())->GetReflection()->Swap(to.records.back().get(), &record);
  }
}

// A row of CreateMultiple is the record itself, one of UpsertMultiple holds it.
template <typename Record, typename Request>
Request ToWire(const BulkRequest& from) {
  Request to;
  to.set_request_id(from.request_id);
  to.mutable_targets()->Reserve(static_cast<int>(from.rows.size()));
  for (const BulkRow& row : from.rows) {
    auto& target = *to.add_targets();
    const auto& record = static_cast<const Record&>(*row.target);
    if constexpr (requires { target.mutable_target(); }) {
      *target.mutable_target() = record;
    } else {
      target = record;
    }
    if constexpr (requires { target.mutable_update_mask(); }) {
      if (row.update_mask.paths_size() > 0) *target.mutable_update_mask() = row.update_mask;
    }
  }
  return to;
}

template <typename Request>
Request ToWire(const BulkDeleteRequest& from) {
  Request to;
  to.set_filter(from.filter);
  to.set_all(from.all);
  if constexpr (requires { to.set_partition_id(""); }) {
    if (from.partition_id) to.set_partition_id(*from.partition_id);
  }
  to.set_dry_run(from.dry_run);
  return to;
}

template <typename Wire>
Change View(const Wire& from) {
  Change to{.version_number = from.version_number(),
            .sequence_number = from.sequence_number(),
            .message = from.message(),
            .call_end = from.call_end()};
  if (from.has_new_or_updated_entity()) to.record = &from.new_or_updated_entity();
  if (from.has_removed_item()) to.reference = &from.removed_item();
  if (from.has_commit_time()) to.commit_time = &from.commit_time();
  return to;
}

// Lives no longer than `from`.
template <typename Response>
ChangeMessage ViewMessage(const Response& from) {
  ChangeMessage to{.phase = from.phase(),
                   .more_records = from.more_records(),
                   .consistent = from.consistent(),
                   .call_end = from.call_end(),
                   .resync = from.resync(),
                   .data_token = from.data_token()};
  to.changes.reserve(static_cast<std::size_t>(from.changes_size()));
  for (const auto& change : from.changes()) to.changes.push_back(View(change));
  if (from.has_progress()) to.progress = from.progress();
  if (from.has_stream_end()) to.stream_end = from.stream_end();
  return to;
}

template <typename Types>
class TypedClient final : public EntityClient {
 public:
  explicit TypedClient(const std::shared_ptr<grpc::Channel>& channel) : stub_(Types::Service::NewStub(channel)) {}

  const dictionary::Entity& entity() const override { return dictionary::Describe(Types::Record::descriptor()); }
  std::unique_ptr<Message> NewRecord() const override { return std::make_unique<typename Types::Record>(); }

  grpc::Status Create(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result) override {
    return Write<typename Types::CreateRequest, typename Types::CreateResponse>(&Stub::Create, context, request,
                                                                                result);
  }

  grpc::Status Update(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result) override {
    return Write<typename Types::UpdateRequest, typename Types::UpdateResponse>(&Stub::Update, context, request,
                                                                                result);
  }

  grpc::Status Upsert(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result) override {
    return Write<typename Types::UpsertRequest, typename Types::UpsertResponse>(&Stub::Upsert, context, request,
                                                                                result);
  }

  grpc::Status Delete(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result) override {
    return Write<typename Types::DeleteRequest, typename Types::DeleteResponse>(&Stub::Delete, context, request,
                                                                                result);
  }

  grpc::Status Retrieve(grpc::ClientContext* context, const RetrieveRequest& from, RetrieveResult& result) override {
    typename Types::RetrieveRequest request;
    *request.mutable_target() = from.reference;
    if (from.columns.paths_size() > 0) *request.mutable_columns() = from.columns;
    request.set_if_none_match(from.if_none_match);
    request.set_session_token(from.session_token);
    typename Types::RetrieveResponse response;
    const grpc::Status status = stub_->Retrieve(context, request, &response);
    if (!status.ok()) return status;
    result.not_modified = response.not_modified();
    result.record.reset(response.release_entity());
    if (!result.record) result.record = NewRecord();
    return status;
  }

  grpc::Status RetrieveMultiple(grpc::ClientContext* context, const QueryRequest& request, QueryPage& page) override {
    typename Types::QueryResponse response;
    const grpc::Status status =
        stub_->RetrieveMultiple(context, ToWire<typename Types::QueryRequest>(request), &response);
    if (status.ok()) TakePage(response, page);
    return status;
  }

  grpc::Status CreateMultiple(grpc::ClientContext* context, const BulkRequest& request,
                              std::vector<entity::v1::RowResult>& results) override {
    return WriteRows<typename Types::CreateMultipleRequest, typename Types::CreateMultipleResponse>(
        &Stub::CreateMultiple, context, request, results);
  }

  grpc::Status UpsertMultiple(grpc::ClientContext* context, const BulkRequest& request,
                              std::vector<entity::v1::RowResult>& results) override {
    return WriteRows<typename Types::UpsertMultipleRequest, typename Types::UpsertMultipleResponse>(
        &Stub::UpsertMultiple, context, request, results);
  }

  grpc::Status BulkDelete(grpc::ClientContext* context, const BulkDeleteRequest& request,
                          const std::function<void(const BulkDeleteMessage&)>& receive) override {
    const auto reader = stub_->BulkDelete(context, ToWire<typename Types::BulkDeleteRequest>(request));
    typename Types::BulkDeleteResponse response;
    while (reader->Read(&response)) {
      BulkDeleteMessage message{.deleted_count = response.progress().deleted_count(),
                                .failed_count = response.progress().failed_count(),
                                .remaining_estimate = response.progress().remaining_estimate(),
                                .done = response.done()};
      if (response.has_stream_end()) message.stream_end = response.stream_end();
      receive(message);
    }
    return reader->Finish();
  }

  grpc::Status Watch(grpc::ClientContext* context, const ChangeRequest& request,
                     const std::function<bool(const ChangeMessage&)>& receive) override {
    const auto reader = stub_->RetrieveEntityChanges(context, ToWire<typename Types::ChangesRequest>(request));
    typename Types::ChangesResponse response;
    while (reader->Read(&response)) {
      if (receive(ViewMessage(response))) continue;
      context->TryCancel();
      while (reader->Read(&response)) {
      }
    }
    return reader->Finish();
  }

 private:
  using Stub = typename Types::Service::Stub;

  template <typename Request, typename Response>
  grpc::Status Write(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     grpc::ClientContext* context, const WriteRequest& request, WriteResult& result) {
    Response response;
    const grpc::Status status = (*stub_.*method)(context, ToWire<typename Types::Record, Request>(request), &response);
    if (status.ok()) TakeResult(response, result);
    return status;
  }

  template <typename Request, typename Response>
  grpc::Status WriteRows(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                         grpc::ClientContext* context, const BulkRequest& request,
                         std::vector<entity::v1::RowResult>& results) {
    Response response;
    const grpc::Status status = (*stub_.*method)(context, ToWire<typename Types::Record, Request>(request), &response);
    if (status.ok()) results.assign(response.results().begin(), response.results().end());
    return status;
  }

  std::unique_ptr<Stub> stub_;
};

template <typename Types>
bool IsNamed(std::string_view name) {
  const dictionary::Entity& entity = dictionary::Describe(Types::Record::descriptor());
  return name == Types::kName || name == entity.logical_name || name == entity.entity_set_name;
}

}  // namespace

bool IsEntityName(std::string_view name) { return IsNamed<SessionTypes>(name) || IsNamed<JourneyTypes>(name); }

std::unique_ptr<EntityClient> MakeEntityClient(std::string_view name, const std::shared_ptr<grpc::Channel>& channel) {
  if (IsNamed<SessionTypes>(name)) return std::make_unique<TypedClient<SessionTypes>>(channel);
  if (IsNamed<JourneyTypes>(name)) return std::make_unique<TypedClient<JourneyTypes>>(channel);
  return nullptr;
}

}  // namespace journeyfeed::cli
