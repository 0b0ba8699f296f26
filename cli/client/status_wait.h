// Asks the service to change a journey's status, and waits for the outcome on the change feed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/client/channel.h"
#include "cli/client/entity_client.h"
#include "cli/failure.h"
#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"

namespace journeyfeed::cli {

using JourneyStatus = customerjourney::v1::CustomerJourneyStatusCode;

struct StatusRequest {
  std::string id;
  JourneyStatus asked{};  // Going live or Stopping
  std::string if_match;
  std::string request_id;
  std::chrono::milliseconds patience{};  // for the outcome, from the acceptance of the request
};

// The journey after it left the requested status.
struct StatusOutcome {
  customerjourney::v1::CustomerJourney journey;  // id, version, status, validation results, published by
};

// A refused request fails with the service's error. DEADLINE_EXCEEDED: the service has not finished yet and may still
// do so. NOT_FOUND: the journey was deleted meanwhile. Streams that end or are lost continue from their last token, so
// that no outcome is missed.
Outcome<StatusOutcome> ChangeStatus(EntityClient& client, const Connection& connection, const StatusRequest& request);

}  // namespace journeyfeed::cli
