// The gRPC services of the entities: the Dataverse messages, and what an entity has besides.
#pragma once

#include <memory>
#include <vector>

#include "services/call/raw_service.h"
#include "services/entity/entity_service_parts.h"
#include "services/entity/query_settings.h"

namespace journeyfeed {

// The service of one entity, ready to be registered; what `parts` refers to and the metrics outlive it. Throws
// std::logic_error, with the name, when the service proto declares a message differently or one that nothing serves.
std::shared_ptr<call::RawService> MakeEntityService(const dictionary::Entity& entity,
                                                    const entity_service::EntityServiceParts& parts, Metrics& metrics,
                                                    const call::Policy& policy,
                                                    const entity_service::QuerySettings& queries = {});

// Those of all entities in the dictionary.
std::vector<std::shared_ptr<call::RawService>> MakeEntityServices(const entity_service::EntityServiceParts& parts,
                                                                  Metrics& metrics, const call::Policy& policy,
                                                                  const entity_service::QuerySettings& queries = {});

}  // namespace journeyfeed
