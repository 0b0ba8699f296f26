#include "services/entity_services.h"

#include <algorithm>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/service.h"
#include "services/entity/entity_service.h"

namespace journeyfeed {
namespace {

// The messages of one entity besides the Dataverse messages. `add` returns what serves them.
struct Extension {
  const google::protobuf::Descriptor* record;
  std::shared_ptr<void> (*add)(call::RawService& service, Store& store, const feed::TokenCodec& tokens);
};

std::vector<Extension> Extensions() {
  return {{customerjourney::v1::CustomerJourney::descriptor(), customer_journey::AddMethods}};
}

// The methods and what they are registered with live and die together.
struct Service {
  Service(const dictionary::Entity& entity, const entity_service::EntityServiceParts& parts, Metrics& metrics,
          const call::Policy& policy, const entity_service::QuerySettings& queries)
      : messages(entity, parts, queries), raw(entity.service, metrics, policy, entity.definition->table_type()) {
    messages.Register(raw);
    for (const Extension& extension : Extensions()) {
      if (extension.record == entity.descriptor) extended = extension.add(raw, parts.store, parts.tokens);
    }
    raw.RequireAllMethods();
  }
  entity_service::EntityService messages;
  std::shared_ptr<void> extended;
  call::RawService raw;
};

}  // namespace

std::shared_ptr<call::RawService> MakeEntityService(const dictionary::Entity& entity,
                                                    const entity_service::EntityServiceParts& parts, Metrics& metrics,
                                                    const call::Policy& policy,
                                                    const entity_service::QuerySettings& queries) {
  auto service = std::make_shared<Service>(entity, parts, metrics, policy, queries);
  return {service, &service->raw};
}

std::vector<std::shared_ptr<call::RawService>> MakeEntityServices(const entity_service::EntityServiceParts& parts,
                                                                  Metrics& metrics, const call::Policy& policy,
                                                                  const entity_service::QuerySettings& queries) {
  std::vector<std::shared_ptr<call::RawService>> services;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    services.push_back(MakeEntityService(*entity, parts, metrics, policy, queries));
  }
  return services;
}

}  // namespace journeyfeed
