// The Dataverse messages of one entity, in the common form of journeyfeed/entity/v1/entity_messages.proto. The methods
// read as validate, convert, call, convert, reply; each stands in the file named after what it does: write_messages.cc,
// read_messages.cc, feed_messages.cc, bulk_messages.cc, and bulk_delete.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "services/call/raw_service.h"
#include "services/entity/entity_service_parts.h"
#include "services/entity/query_settings.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::entity_service {

namespace pb = entity::v1;

// Thread-safe; outlives the server. What `parts` refers to outlives it.
class EntityService {
 public:
  EntityService(const dictionary::Entity& entity, const EntityServiceParts& parts, const QuerySettings& queries);

  // Adds the methods to `service`, which keeps a pointer to this. Throws std::logic_error when the service is declared
  // otherwise.
  void Register(call::RawService& service);

 private:
  template <typename Request, typename Response>
  void Unary(call::RawService& service, const char* name,
             void (EntityService::*method)(const call::Call<Request, Response>&));
  template <typename Request>
  using StreamMethod = Result<std::shared_ptr<call::StreamCall>> (EntityService::*)(call::StreamArguments,
                                                                                    const Request&);
  template <typename Request, typename Response>
  void Stream(call::RawService& service, const char* name, StreamMethod<Request> method);

  void Create(const call::Call<pb::CreateRequest, pb::CreateResponse>& call);
  void Update(const call::Call<pb::UpdateRequest, pb::UpdateResponse>& call);
  void Upsert(const call::Call<pb::UpsertRequest, pb::UpsertResponse>& call);
  void Delete(const call::Call<pb::DeleteRequest, pb::DeleteResponse>& call);

  void CreateMultiple(const call::Call<pb::CreateMultipleRequest, pb::CreateMultipleResponse>& call);
  void UpdateMultiple(const call::Call<pb::UpdateMultipleRequest, pb::UpdateMultipleResponse>& call);
  void UpsertMultiple(const call::Call<pb::UpsertMultipleRequest, pb::UpsertMultipleResponse>& call);
  void DeleteMultiple(const call::Call<pb::DeleteMultipleRequest, pb::DeleteMultipleResponse>& call);
  Result<std::shared_ptr<call::StreamCall>> BulkDelete(call::StreamArguments arguments,
                                                       const pb::BulkDeleteRequest& request);

  void Retrieve(const call::Call<pb::RetrieveRequest, pb::RetrieveResponse>& call);
  void RetrieveMultiple(const call::Call<pb::RetrieveMultipleRequest, pb::RetrieveMultipleResponse>& call);
  Result<std::shared_ptr<call::StreamCall>> RetrieveEntityChanges(call::StreamArguments arguments,
                                                                  const pb::RetrieveEntityChangesRequest& request);
  Failure TooManyStreams() const;
  void RetrieveChangeWindow(const call::Call<pb::RetrieveChangeWindowRequest, pb::RetrieveChangeWindowResponse>& call);

  const dictionary::Entity& entity_;
  Store& store_;
  const feed::TokenCodec& tokens_;
  call::StreamLifetime& lifetime_;
  feed::Feed& feed_;
  Timer& timer_;
  const QuerySettings queries_;
};

}  // namespace journeyfeed::entity_service
