// JourneyRunSessionService: the messages of services/entity over this entity's types.
#pragma once

#include <memory>

#include "services/call/raw_service.h"
#include "services/entity/query_settings.h"
#include "services/feed/feed.h"

namespace journeyfeed::journey_run_session {

// The service, ready to be registered. `feed` and `metrics` outlive it.
std::shared_ptr<call::RawService> MakeService(feed::Feed& feed, Metrics& metrics, const call::Policy& policy,
                                              const entity_service::QuerySettings& settings = {});

}  // namespace journeyfeed::journey_run_session
