// The messages of customer journeys besides the Dataverse messages: state transitions, validation, references,
// iterations, time zones.
#pragma once

#include <memory>

#include "services/call/raw_service.h"
#include "services/feed/feed.h"

namespace journeyfeed::customer_journey {

// Adds the methods to `service`. The result serves them and outlives the service; the feed outlives both.
std::shared_ptr<void> AddMethods(call::RawService& service, feed::Feed& feed);

}  // namespace journeyfeed::customer_journey
