// The services of the entities behind one client, so that every command is written once.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>
#include <grpcpp/support/sync_stream.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client/change_stream.h"
#include "journeyfeed/entity/v1/entity_reference.pb.h"
#include "journeyfeed/entity/v1/row_result.pb.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

// Create, Update, Upsert and Delete. Each sends the fields that its RPC has.
struct WriteRequest {
  entity::v1::EntityReference reference;              // of Delete
  std::unique_ptr<google::protobuf::Message> target;  // of the others
  google::protobuf::FieldMask update_mask;            // empty: none
  std::string if_match;
  std::string if_none_match;
  std::string request_id;
  bool return_representation = false;
};

struct WriteResult {
  entity::v1::EntityReference reference;  // of Create and Upsert
  std::optional<bool> record_created;     // of Upsert
  std::int64_t version_number = 0;
  std::string session_token;
  std::unique_ptr<google::protobuf::Message> representation;  // null when it was not asked for
};

struct RetrieveRequest {
  entity::v1::EntityReference reference;
  google::protobuf::FieldMask columns;
  std::string if_none_match;
  std::string session_token;
};

struct RetrieveResult {
  bool not_modified = false;
  std::unique_ptr<google::protobuf::Message> record;
};

// RetrieveMultiple.
struct QueryRequest {
  std::string filter = {};
  google::protobuf::FieldMask columns = {};
  std::string order_by = {};
  std::string apply = {};
  std::int32_t page_size = 0;
  std::string page_token = {};
  bool count = false;
  std::optional<std::string> partition_id = {};  // of an elastic entity
  std::string session_token = {};
};

struct QueryPage {
  std::vector<std::unique_ptr<google::protobuf::Message>> records;
  std::vector<google::protobuf::Struct> aggregates;
  bool more_records = false;
  std::string next_page_token;
  std::int64_t total_record_count = -1;
  bool total_record_count_limit_exceeded = false;
};

// CreateMultiple and UpsertMultiple.
struct BulkRow {
  const google::protobuf::Message* target = nullptr;
  google::protobuf::FieldMask update_mask = {};  // of an Upsert that merges; empty: none
};

struct BulkRequest {
  std::vector<BulkRow> rows;
  std::string request_id;
};

// BulkDelete.
struct BulkDeleteRequest {
  std::string filter = {};
  bool all = false;
  std::optional<std::string> partition_id = {};  // of an elastic entity
  bool dry_run = false;
};

struct BulkDeleteMessage {
  std::int64_t deleted_count = 0;
  std::int64_t failed_count = 0;
  std::int64_t remaining_estimate = 0;
  bool done = false;
  std::optional<entity::v1::StreamEnd> stream_end = {};
};

// Calls the service of one entity in the common form of its messages (journeyfeed/entity/v1/entity_messages.proto).
// Thread-safe.
class EntityClient {
 public:
  EntityClient(const dictionary::Entity& entity, std::shared_ptr<grpc::Channel> channel);

  const dictionary::Entity& entity() const { return entity_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  std::unique_ptr<google::protobuf::Message> NewRecord() const { return entity_.NewRecord(); }

  // Records are of the type of NewRecord. A result is set only when the status is OK.
  grpc::Status Create(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result);
  grpc::Status Retrieve(grpc::ClientContext* context, const RetrieveRequest& request, RetrieveResult& result);
  grpc::Status Update(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result);
  grpc::Status Upsert(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result);
  grpc::Status Delete(grpc::ClientContext* context, const WriteRequest& request, WriteResult& result);

  grpc::Status RetrieveMultiple(grpc::ClientContext* context, const QueryRequest& request, QueryPage& page);
  grpc::Status CreateMultiple(grpc::ClientContext* context, const BulkRequest& request,
                              std::vector<entity::v1::RowResult>& results);
  grpc::Status UpsertMultiple(grpc::ClientContext* context, const BulkRequest& request,
                              std::vector<entity::v1::RowResult>& results);

  // Gives every message to `receive`; the call is cancelled by its context.
  grpc::Status BulkDelete(grpc::ClientContext* context, const BulkDeleteRequest& request,
                          const std::function<void(const BulkDeleteMessage&)>& receive);

  // RetrieveEntityChanges: gives every message to `receive` until that returns false, which cancels the call.
  grpc::Status Watch(grpc::ClientContext* context, const ChangeRequest& request,
                     const std::function<bool(const ChangeMessage&)>& receive);

 private:
  std::string PathOf(const char* method) const;
  template <typename Request, typename Response>
  grpc::Status Call(const char* method, grpc::ClientContext* context, const Request& request, Response& response);
  template <typename Response, typename Request>
  std::unique_ptr<grpc::ClientReader<Response>> Open(const char* method, grpc::ClientContext* context,
                                                     const Request& request);

  const dictionary::Entity& entity_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// The entity that has the name: a short name ("session"), a logical name or an entity set name; null for other names.
const dictionary::Entity* FindEntity(std::string_view name);

// The short names, "session or journey".
std::string ShortNames();

// Null for a name that FindEntity does not know.
std::unique_ptr<EntityClient> MakeEntityClient(std::string_view name, const std::shared_ptr<grpc::Channel>& channel);

}  // namespace journeyfeed::cli
