// Why the status of a record forbids a write, in the words of a caller (docs/dataverse.md 6.2 to 6.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/store.h"

namespace journeyfeed::entity_service {

// What of a row is needed to explain its refusal.
struct StateRequest {
  MessageName message{};
  std::uint64_t set = 0;
  std::optional<std::int32_t> status = {};  // the asked one, when the row assigns it
};
StateRequest StateRequestOf(const dictionary::Entity& entity, const WriteRow& row);

// INVALID_STATE for a deletion, INVALID_STATE_TRANSITION for a status that cannot follow, else
// CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY with a violation for each locked column. `path` is where the record is in the
// request. Precondition: outcome.verdict is kRefusedByState, of a caller's row.
Failure StatusRefusal(const dictionary::Entity& entity, const StateRequest& request, const RowOutcome& outcome,
                      std::string_view path = "target");

}  // namespace journeyfeed::entity_service
