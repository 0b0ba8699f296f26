#include "services/entity/entity_service.h"

namespace journeyfeed::entity_service {
namespace {

// Whether the tables of this type have the method.
bool Offers(const std::string& method, bool elastic) {
  static const auto* common = pb::CreateRequest::descriptor()->file()->FindServiceByName("EntityService");
  const auto type = common->FindMethodByName(method)->options().GetExtension(pb::offered_by);
  return type == pb::TABLE_TYPE_UNSPECIFIED || (type == pb::TABLE_TYPE_ELASTIC) == elastic;
}

}  // namespace

EntityService::EntityService(const dictionary::Entity& entity, const EntityServiceParts& parts,
                             const QuerySettings& queries)
    : entity_(entity),
      store_(parts.store),
      tokens_(parts.tokens),
      lifetime_(parts.lifetime),
      feed_(parts.feed),
      timer_(parts.timer),
      queries_(queries) {}

template <typename Request, typename Response>
void EntityService::Unary(call::RawService& service, const char* name,
                          void (EntityService::*method)(const call::Call<Request, Response>&)) {
  if (!Offers(name, entity_.elastic)) return;
  service.Unary<Request, Response>(
      name, [this, method](const call::Call<Request, Response>& call) { (this->*method)(call); });
}

template <typename Request, typename Response>
void EntityService::Stream(call::RawService& service, const char* name, StreamMethod<Request> method) {
  service.Stream<Request, Response>(name, [this, method](call::StreamArguments arguments, const Request& request) {
    return (this->*method)(std::move(arguments), request);
  });
}

void EntityService::Register(call::RawService& service) {
  Unary(service, "Create", &EntityService::Create);
  Unary(service, "CreateMultiple", &EntityService::CreateMultiple);
  Unary(service, "Retrieve", &EntityService::Retrieve);
  Unary(service, "RetrieveMultiple", &EntityService::RetrieveMultiple);
  Unary(service, "Update", &EntityService::Update);
  Unary(service, "UpdateMultiple", &EntityService::UpdateMultiple);
  Unary(service, "Upsert", &EntityService::Upsert);
  Unary(service, "UpsertMultiple", &EntityService::UpsertMultiple);
  Unary(service, "Delete", &EntityService::Delete);
  Unary(service, "DeleteMultiple", &EntityService::DeleteMultiple);
  Stream<pb::BulkDeleteRequest, pb::BulkDeleteResponse>(service, "BulkDelete", &EntityService::BulkDelete);
  Stream<pb::RetrieveEntityChangesRequest, pb::RetrieveEntityChangesResponse>(service, "RetrieveEntityChanges",
                                                                              &EntityService::RetrieveEntityChanges);
  Unary(service, "RetrieveChangeWindow", &EntityService::RetrieveChangeWindow);
}

}  // namespace journeyfeed::entity_service
