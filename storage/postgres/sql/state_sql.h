// The parts of the write function that judge by status (docs/dataverse.md 6.2 to 6.4), made from the data dictionary.
// They are empty for an entity without enforced transitions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::postgres {

// Returns the text of a fragment of functions/write.sql; nothing if `name` is not one of these:
//   state_columns    further columns of the stored record that the checks read
//   state_index      the position of the stored status in its option set, as `state`
//   create_checks    a branch that refuses a record that does not begin with the initial status
//   state_checks     branches that refuse a deletion, a transition, or columns that the stored status locks
//   collect_states, into_states    the positions of the refused rows
std::optional<std::string> StateFragment(const dictionary::Entity& entity, std::string_view name);

// The condition under which an update keeps modified_on, modified_by and modified_on_behalf_by: a caller updates a
// record in a read-only status. Such an update can only repeat that status, and the record must still name the user who
// set it. Precondition: the entity enforces transitions.
std::string KeepsWriter(const dictionary::Entity& entity);

}  // namespace journeyfeed::postgres
