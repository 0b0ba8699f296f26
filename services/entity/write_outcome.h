// What became of a row, in the words of a caller.
#pragma once

#include "storage/store.h"

namespace journeyfeed::entity_service {

// The failure of a row that was not executed; nothing when it was.
std::optional<Failure> FailureOf(const dictionary::Entity& entity, const RowOutcome& outcome);

// OBJECT_DOES_NOT_EXIST for a key.
Failure NotFound(const dictionary::Entity& entity, const RecordKey& key);

}  // namespace journeyfeed::entity_service
