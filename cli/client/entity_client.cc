#include "cli/client/entity_client.h"

#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <utility>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "storage/proto_time.h"

namespace journeyfeed::cli {
namespace {

namespace pb = entity::v1;
using google::protobuf::Message;
using grpc::internal::RpcMethod;

const grpc::Status kBadRecord(grpc::StatusCode::INTERNAL, "the server sent a record that is none");

// Null when the bytes are no record.
std::unique_ptr<Message> Parse(const dictionary::Entity& entity, const std::string& bytes) {
  auto record = entity.NewRecord();
  if (!record->ParseFromString(bytes)) return nullptr;
  return record;
}

// What the writes with a record have in common.
template <typename Request>
Request ToWire(const WriteRequest& from) {
  Request to;
  from.target->SerializeToString(to.add_target());
  to.set_request_id(from.request_id);
  to.set_return_representation(from.return_representation);
  return to;
}

pb::RetrieveEntityChangesRequest ToWire(const ChangeRequest& from) {
  pb::RetrieveEntityChangesRequest to;
  to.set_data_version(from.data_version);
  if (from.columns.paths_size() > 0) *to.mutable_columns() = from.columns;
  if (from.partition_id) to.set_partition_id(*from.partition_id);
  to.set_follow(from.follow);
  to.set_skip_initial_load(from.skip_initial_load);
  if (from.progress_interval) ToProto(*from.progress_interval, *to.mutable_progress_interval());
  to.set_max_changes(from.max_changes);
  to.set_on_expired(from.on_expired);
  return to;
}

pb::RetrieveMultipleRequest ToWire(const QueryRequest& from) {
  pb::RetrieveMultipleRequest to;
  to.set_filter(from.filter);
  if (from.columns.paths_size() > 0) *to.mutable_columns() = from.columns;
  to.set_order_by(from.order_by);
  to.set_apply(from.apply);
  to.set_page_size(from.page_size);
  to.set_page_token(from.page_token);
  to.set_count(from.count);
  if (from.partition_id) to.set_partition_id(*from.partition_id);
  to.set_session_token(from.session_token);
  return to;
}

pb::CreateMultipleRequest ToCreations(const BulkRequest& from) {
  pb::CreateMultipleRequest to;
  to.set_request_id(from.request_id);
  for (const BulkRow& row : from.rows) row.target->SerializeToString(to.add_targets());
  return to;
}

pb::UpsertMultipleRequest ToUpserts(const BulkRequest& from) {
  pb::UpsertMultipleRequest to;
  to.set_request_id(from.request_id);
  for (const BulkRow& row : from.rows) {
    auto& target = *to.add_targets();
    row.target->SerializeToString(target.add_target());
    if (row.update_mask.paths_size() > 0) *target.mutable_update_mask() = row.update_mask;
  }
  return to;
}

pb::BulkDeleteRequest ToWire(const BulkDeleteRequest& from) {
  pb::BulkDeleteRequest to;
  to.set_filter(from.filter);
  to.set_all(from.all);
  if (from.partition_id) to.set_partition_id(*from.partition_id);
  to.set_dry_run(from.dry_run);
  return to;
}

// What the answers to writes with a record have in common.
template <typename Response>
grpc::Status TakeResult(const dictionary::Entity& entity, const Response& from, WriteResult& to) {
  to.version_number = from.version_number();
  to.session_token = from.session_token();
  if (!from.has_representation()) return grpc::Status::OK;
  to.representation = Parse(entity, from.representation());
  return to.representation ? grpc::Status::OK : kBadRecord;
}

grpc::Status TakePage(const dictionary::Entity& entity, const pb::RetrieveMultipleResponse& from, QueryPage& to) {
  to = {.records = {},
        .aggregates = {from.aggregates().begin(), from.aggregates().end()},
        .more_records = from.more_records(),
        .next_page_token = from.next_page_token(),
        .total_record_count = from.total_record_count(),
        .total_record_count_limit_exceeded = from.total_record_count_limit_exceeded()};
  for (const std::string& bytes : from.entities()) {
    to.records.push_back(Parse(entity, bytes));
    if (!to.records.back()) return kBadRecord;
  }
  return grpc::Status::OK;
}

BulkDeleteMessage ToMessage(const pb::BulkDeleteResponse& from) {
  BulkDeleteMessage to{.deleted_count = from.progress().deleted_count(),
                       .failed_count = from.progress().failed_count(),
                       .remaining_estimate = from.progress().remaining_estimate(),
                       .done = from.done()};
  if (from.has_stream_end()) to.stream_end = from.stream_end();
  return to;
}

}  // namespace

EntityClient::EntityClient(const dictionary::Entity& entity, std::shared_ptr<grpc::Channel> channel)
    : entity_(entity), channel_(std::move(channel)) {}

// As the stubs do that protoc generates.
template <typename Request, typename Response>
grpc::Status EntityClient::Call(const char* method, grpc::ClientContext* context, const Request& request,
                                Response& response) {
  const std::string path = PathOf(method);
  const RpcMethod rpc(path.c_str(), RpcMethod::NORMAL_RPC, channel_);
  return grpc::internal::BlockingUnaryCall<Request, Response, google::protobuf::MessageLite,
                                           google::protobuf::MessageLite>(channel_.get(), rpc, context, request,
                                                                          &response);
}

template <typename Response, typename Request>
std::unique_ptr<grpc::ClientReader<Response>> EntityClient::Open(const char* method, grpc::ClientContext* context,
                                                                 const Request& request) {
  const std::string path = PathOf(method);
  const RpcMethod rpc(path.c_str(), RpcMethod::SERVER_STREAMING, channel_);
  return std::unique_ptr<grpc::ClientReader<Response>>(
      grpc::internal::ClientReaderFactory<Response>::Create(channel_.get(), rpc, context, request));
}

std::string EntityClient::PathOf(const char* method) const { return "/" + entity_.service + "/" + method; }

grpc::Status EntityClient::Create(grpc::ClientContext* context, const WriteRequest& from, WriteResult& result) {
  pb::CreateResponse response;
  const auto status = Call("Create", context, ToWire<pb::CreateRequest>(from), response);
  if (!status.ok()) return status;
  result.reference.set_id(response.id());
  result.reference.set_partition_id(response.partition_id());
  return TakeResult(entity_, response, result);
}

grpc::Status EntityClient::Update(grpc::ClientContext* context, const WriteRequest& from, WriteResult& result) {
  auto request = ToWire<pb::UpdateRequest>(from);
  if (from.update_mask.paths_size() > 0) *request.mutable_update_mask() = from.update_mask;
  request.set_if_match(from.if_match);
  pb::UpdateResponse response;
  const auto status = Call("Update", context, request, response);
  return status.ok() ? TakeResult(entity_, response, result) : status;
}

grpc::Status EntityClient::Upsert(grpc::ClientContext* context, const WriteRequest& from, WriteResult& result) {
  auto request = ToWire<pb::UpsertRequest>(from);
  if (from.update_mask.paths_size() > 0) *request.mutable_update_mask() = from.update_mask;
  request.set_if_match(from.if_match);
  request.set_if_none_match(from.if_none_match);
  pb::UpsertResponse response;
  const auto status = Call("Upsert", context, request, response);
  if (!status.ok()) return status;
  result.reference = response.target();
  result.record_created = response.record_created();
  return TakeResult(entity_, response, result);
}

grpc::Status EntityClient::Delete(grpc::ClientContext* context, const WriteRequest& from, WriteResult& result) {
  pb::DeleteRequest request;
  *request.mutable_target() = from.reference;
  request.set_if_match(from.if_match);
  request.set_request_id(from.request_id);
  pb::DeleteResponse response;
  const auto status = Call("Delete", context, request, response);
  if (!status.ok()) return status;
  result.version_number = response.version_number();
  result.session_token = response.session_token();
  return status;
}

grpc::Status EntityClient::Retrieve(grpc::ClientContext* context, const RetrieveRequest& from, RetrieveResult& result) {
  pb::RetrieveRequest request;
  *request.mutable_target() = from.reference;
  if (from.columns.paths_size() > 0) *request.mutable_columns() = from.columns;
  request.set_if_none_match(from.if_none_match);
  request.set_session_token(from.session_token);
  pb::RetrieveResponse response;
  const auto status = Call("Retrieve", context, request, response);
  if (!status.ok()) return status;
  result.not_modified = response.not_modified();
  result.record = Parse(entity_, response.entity());
  return result.record ? status : kBadRecord;
}

grpc::Status EntityClient::RetrieveMultiple(grpc::ClientContext* context, const QueryRequest& request,
                                            QueryPage& page) {
  pb::RetrieveMultipleResponse response;
  const auto status = Call("RetrieveMultiple", context, ToWire(request), response);
  return status.ok() ? TakePage(entity_, response, page) : status;
}

grpc::Status EntityClient::CreateMultiple(grpc::ClientContext* context, const BulkRequest& request,
                                          std::vector<pb::RowResult>& results) {
  pb::CreateMultipleResponse response;
  const auto status = Call("CreateMultiple", context, ToCreations(request), response);
  if (status.ok()) results.assign(response.results().begin(), response.results().end());
  return status;
}

grpc::Status EntityClient::UpsertMultiple(grpc::ClientContext* context, const BulkRequest& request,
                                          std::vector<pb::RowResult>& results) {
  pb::UpsertMultipleResponse response;
  const auto status = Call("UpsertMultiple", context, ToUpserts(request), response);
  if (status.ok()) results.assign(response.results().begin(), response.results().end());
  return status;
}

grpc::Status EntityClient::BulkDelete(grpc::ClientContext* context, const BulkDeleteRequest& request,
                                      const std::function<void(const BulkDeleteMessage&)>& receive) {
  const auto reader = Open<pb::BulkDeleteResponse>("BulkDelete", context, ToWire(request));
  pb::BulkDeleteResponse response;
  while (reader->Read(&response)) receive(ToMessage(response));
  return reader->Finish();
}

grpc::Status EntityClient::Watch(grpc::ClientContext* context, const ChangeRequest& request,
                                 const std::function<bool(const ChangeMessage&)>& receive) {
  const auto reader = Open<pb::RetrieveEntityChangesResponse>("RetrieveEntityChanges", context, ToWire(request));
  pb::RetrieveEntityChangesResponse response;
  bool damaged = false;
  while (reader->Read(&response)) {
    const auto received = ReadChanges(entity_, response);
    damaged = !received;
    if (received && receive(received->message)) continue;
    context->TryCancel();
    while (reader->Read(&response)) {
    }
  }
  const auto status = reader->Finish();
  return damaged ? kBadRecord : status;
}

const dictionary::Entity* FindEntity(std::string_view name) {
  const auto& all = dictionary::AllEntities();
  const auto found = std::ranges::find_if(all, [&](const dictionary::Entity* entity) {
    return name == entity->short_name || name == entity->logical_name || name == entity->entity_set_name;
  });
  return found == all.end() ? nullptr : *found;
}

std::string ShortNames() {
  std::string names;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    names += (names.empty() ? "" : " or ") + entity->short_name;
  }
  return names;
}

std::unique_ptr<EntityClient> MakeEntityClient(std::string_view name, const std::shared_ptr<grpc::Channel>& channel) {
  const dictionary::Entity* entity = FindEntity(name);
  return entity ? std::make_unique<EntityClient>(*entity, channel) : nullptr;
}

}  // namespace journeyfeed::cli
