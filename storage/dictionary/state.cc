#include "storage/dictionary/state.h"

#include <algorithm>

namespace journeyfeed::dictionary {
namespace {

// One of the two columns of a record, null when the entity has no such column.
struct Cell {
  const Column* column = nullptr;
  Value* value = nullptr;

  bool IsAssigned(std::uint64_t assigned) const { return (assigned & column->bit()) != 0; }

  // The option that the cell holds; null when it holds none.
  const Option* Held() const {
    const auto* number = std::get_if<std::int32_t>(value);
    return number == nullptr ? nullptr : column->FindOption(*number);
  }
};

Cell CellOf(const Entity& entity, ColumnType type, std::vector<Value>& values) {
  const Column* column = entity.FindByType(type);
  if (column == nullptr) return {};
  return {column, &values[static_cast<std::size_t>(column - entity.columns.data())]};
}

void Assign(const Cell& cell, std::int32_t value, std::uint64_t& assigned) {
  *cell.value = value;
  assigned |= cell.column->bit();
}

}  // namespace

void CompleteState(const Entity& entity, std::vector<Value>& values, std::uint64_t& assigned, std::string_view path,
                   std::vector<FieldViolation>& violations) {
  const Cell state = CellOf(entity, ColumnType::kState, values);
  const Cell status = CellOf(entity, ColumnType::kStatus, values);
  if (state.column == nullptr || status.column == nullptr) return;
  const Option* state_option = state.IsAssigned(assigned) ? state.Held() : nullptr;
  const Option* status_option = status.IsAssigned(assigned) ? status.Held() : nullptr;
  if (status_option != nullptr && !state.IsAssigned(assigned)) {
    Assign(state, *status_option->state, assigned);
  } else if (state_option != nullptr && !status.IsAssigned(assigned)) {
    Assign(status, *state_option->default_status, assigned);
  } else if (state_option != nullptr && status_option != nullptr && status_option->state != state_option->value) {
    violations.push_back({std::string(path) + "." + status.column->name,
                          status_option->label + " is not a status of the state " + state_option->label,
                          entity::v1::ERROR_REASON_INVALID_STATE_CODE_STATUS_CODE});
  }
}

bool IsAllowedTransition(const Entity& entity, std::int32_t from_status, std::int32_t to_status) {
  const Column* status = entity.FindByType(ColumnType::kStatus);
  if (status == nullptr) return false;
  const Option* from = status->FindOption(from_status);
  if (from == nullptr || status->FindOption(to_status) == nullptr) return false;
  return from_status == to_status || std::ranges::find(from->transitions, to_status) != from->transitions.end();
}

StateColumns EnforcedStates(const Entity& entity) {
  if (!entity.definition->enforce_state_transitions()) return {};
  return {entity.FindByType(ColumnType::kState), entity.FindByType(ColumnType::kStatus)};
}

std::int32_t InitialStatus(const Entity& entity) {
  return std::get<std::int32_t>(*EnforcedStates(entity).status->default_value);
}

std::vector<const Option*> TargetsOf(const Entity& entity, Actor actor, std::int32_t from_status) {
  const Column& status = *EnforcedStates(entity).status;
  const auto& transitions = status.FindOption(from_status)->transitions;
  std::vector<const Option*> targets;
  for (const Option& option : status.options) {
    const bool own = actor == Actor::kCaller ? option.assigned_by_caller : option.assigned_by_system;
    if (own && std::ranges::find(transitions, option.value) != transitions.end()) targets.push_back(&option);
  }
  return targets;
}

LockedColumns LockedIn(const Entity& entity, const Option& status) {
  const auto holds = [&](const std::vector<std::int32_t>& statuses) {
    return std::ranges::find(statuses, status.value) != statuses.end();
  };
  const std::uint64_t free = EnforcedStates(entity).bits();
  LockedColumns locked;
  for (const Column& column : entity.columns) {
    if (!column.valid_for_update || (column.bit() & free) != 0) continue;
    if (!status.read_only && (column.editable_in.empty() || holds(column.editable_in))) continue;
    const bool conditional = !status.read_only && holds(column.editable_until_passed_in);
    (conditional ? locked.once_passed : locked.always) |= column.bit();
  }
  return locked;
}

}  // namespace journeyfeed::dictionary
