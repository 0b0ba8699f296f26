// The steps of the status machine (docs/dataverse.md 6.3) that the service itself takes for a waiting journey. Pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/validation/records.h"
#include "storage/store.h"

namespace journeyfeed::customer_journey {

// The user of the service's own changes: modified_by of a journey that the service moved, and `user_id` in the log.
inline constexpr Uuid kSystemUser = {{0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

struct Step {
  customerjourney::v1::CustomerJourneyStatusCode to{};
  // Only for going live.
  std::optional<std::string> validation_results = {};
  std::optional<Uuid> published_by = {};
  std::optional<std::int64_t> lock_down_milliseconds = {};
};

// The next step at `now`; nothing if there is none yet.
//   Going live  to Live, published by the user who asked, if the check finds no error; else to Error, with the
//   findings.
//   Stopping    to Stopped.
//   Live        to Stopped, when its end or the end of its last iteration has come.
//   Stopped     to Expired. The caller passes a stopped journey only when its time has come.
// `records` may be null: records of other services are then not checked.
std::optional<Step> NextStep(const customerjourney::v1::CustomerJourney& journey, Timestamp now,
                             const RecordStates* records);

// The write of a step: an Update by the system, for exactly the version that was checked.
WriteRequest WriteOf(const Step& step, const RecordKey& key, std::int64_t version);

}  // namespace journeyfeed::customer_journey
