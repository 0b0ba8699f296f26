// CustomerJourneyService: the messages of services/entity over this entity's types.
#pragma once

#include <memory>

#include "services/call/raw_service.h"
#include "services/customer_journey/validation/records.h"
#include "services/entity/query_settings.h"
#include "services/feed/feed.h"

namespace journeyfeed::customer_journey {

// The service, ready to be registered. `feed` and `metrics` outlive it, as do `records`, which say what state the
// records of other services are in; without them nothing is said.
std::shared_ptr<call::RawService> MakeService(feed::Feed& feed, Metrics& metrics, const call::Policy& policy,
                                              const entity_service::QuerySettings& settings = {},
                                              const RecordStates* records = nullptr);

}  // namespace journeyfeed::customer_journey
