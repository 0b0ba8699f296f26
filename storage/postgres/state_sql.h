// The parts of the write function that judge by status (docs/dataverse.md 6.2 to 6.4), made from the data dictionary.
// Empty for an entity without enforced transitions: it pays nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::postgres {

// The text of a fragment of functions/write.sql; nothing when it is not one of these:
//   state_columns    what is read of the stored record besides its version
//   state_index      the position of the stored status in its option set, as `state`
//   create_checks    a branch for records that do not begin with the initial status
//   state_checks     branches for a deletion, a transition, columns that the stored status forbids
//   collect_states, into_states    the positions of the refused rows
std::optional<std::string> StateFragment(const dictionary::Entity& entity, std::string_view name);

// The condition under which an update leaves modified_on, modified_by and modified_on_behalf_by: of a caller, of a
// record in a read-only status. It can only repeat that status, and the last who changed the record stays the one who
// put it there. Precondition: the entity enforces transitions.
std::string KeepsWriter(const dictionary::Entity& entity);

}  // namespace journeyfeed::postgres
