// CustomerJourneyService: the messages of services/entity for this entity.
#pragma once

#include <memory>

#include "services/call/raw_service.h"
#include "services/customer_journey/validation/records.h"
#include "services/entity/query_settings.h"
#include "services/feed/feed.h"

namespace journeyfeed::customer_journey {

// Makes the service, ready to be registered. `feed` and `metrics` must outlive it, and so must `records`, which knows
// the state of records of other services. Without `records` these are not checked.
std::shared_ptr<call::RawService> MakeService(feed::Feed& feed, Metrics& metrics, const call::Policy& policy,
                                              const entity_service::QuerySettings& settings = {},
                                              const RecordStates* records = nullptr);

}  // namespace journeyfeed::customer_journey
