// The status machine's own steps (docs/dataverse.md 6.3): what the service makes of a journey that waits for it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/validation/records.h"
#include "storage/store.h"

namespace journeyfeed::customer_journey {

// The user of the service's own changes: modified_by of a journey that it moved, `user_id` in the log.
inline constexpr Uuid kSystemUser = {{0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

struct Step {
  customerjourney::v1::CustomerJourneyStatusCode to{};
  // Going live only.
  std::optional<std::string> validation_results = {};
  std::optional<Uuid> published_by = {};
  std::optional<std::int64_t> lock_down_milliseconds = {};
};

// The next step at `now`; nothing when there is none yet.
//   Going live  to Live, published by whoever asked, when the check finds no error; else to Error, with what it found.
//   Stopping    to Stopped.
//   Live        to Stopped, when its end or that of its last iteration has come.
//   Stopped     to Expired: whoever gives one in has seen that it is time.
// `records` may be null: nothing is said about the records of other services.
std::optional<Step> NextStep(const customerjourney::v1::CustomerJourney& journey, Timestamp now,
                             const RecordStates* records);

// The write of a step: an Update of the system, for the version that was looked at and no other.
WriteCall WriteOf(const Step& step, const RecordKey& key, std::int64_t version);

}  // namespace journeyfeed::customer_journey
