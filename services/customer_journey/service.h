// The messages of customer journeys besides the Dataverse messages: state transitions, validation, references,
// iterations, time zones.
#pragma once

#include <memory>

#include "services/call/raw_service.h"
#include "services/feed/token.h"
#include "storage/store.h"

namespace journeyfeed::customer_journey {

// Adds the methods to `service`. The result serves them and outlives the service; the others outlive both.
std::shared_ptr<void> AddMethods(call::RawService& service, Store& store, const feed::TokenCodec& tokens);

}  // namespace journeyfeed::customer_journey
