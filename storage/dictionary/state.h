// The rule that ties state and status together (statecode and statuscode).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/status.h"

namespace journeyfeed::dictionary {

// Completes a pair of which one is assigned: a status brings its state, a state brings its default status. Both
// assigned and not belonging together: a violation at the status. Nothing happens for an entity without states, when
// neither is assigned, or when one is assigned null or a value that is not of its option set (others report that).
// `values` by index in Entity::columns, `assigned` by Column::bit; `path` is where the record is in the request.
void CompleteState(const Entity& entity, std::vector<Value>& values, std::uint64_t& assigned, std::string_view path,
                   std::vector<FieldViolation>& violations);

// Whether a record may go from one status to another; staying is always allowed.
bool IsAllowedTransition(const Entity& entity, std::int32_t from_status, std::int32_t to_status);

}  // namespace journeyfeed::dictionary
