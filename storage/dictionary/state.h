// State and status (statecode and statuscode): what ties them together, where a status may go, and what it allows to be
// done to its record (docs/dataverse.md 6.2 to 6.4). The write function is made from the same rules (storage/postgres).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"

namespace journeyfeed::dictionary {

// Completes a pair of which one is assigned: a status brings its state, a state brings its default status. Both
// assigned and not belonging together: a violation at the status. Nothing happens for an entity without states, when
// neither is assigned, or when one is assigned null or a value that is not of its option set (others report that).
// `values` by index in Entity::columns, `assigned` by Column::bit; `path` is where the record is in the request.
void CompleteState(const Entity& entity, std::vector<Value>& values, std::uint64_t& assigned, std::string_view path,
                   std::vector<FieldViolation>& violations);

// Whether a record may go from one status to another, whoever moves it; staying is always allowed.
bool IsAllowedTransition(const Entity& entity, std::int32_t from_status, std::int32_t to_status);

// Who changes a record: callers of the service, or the service itself.
enum class Actor { kCaller, kSystem };

// The columns of an entity whose statuses follow transitions; both null for others.
struct StateColumns {
  const Column* state = nullptr;
  const Column* status = nullptr;

  std::uint64_t bits() const { return status == nullptr ? 0 : state->bit() | status->bit(); }
};
StateColumns EnforcedStates(const Entity& entity);

// The status of a new record. Precondition of this and what follows: the entity enforces transitions, and the status is
// of its option set.
std::int32_t InitialStatus(const Entity& entity);

// Where `actor` may move a record that has the status, without the status itself; in the order of the option set.
std::vector<const Option*> TargetsOf(const Entity& entity, Actor actor, std::int32_t from_status);

// The columns (Column::bit) that callers may not set in the status. Those of `once_passed` are locked only when the
// time that they hold has come. The system may set all.
struct LockedColumns {
  std::uint64_t always = 0;
  std::uint64_t once_passed = 0;
};
LockedColumns LockedIn(const Entity& entity, const Option& status);

}  // namespace journeyfeed::dictionary
