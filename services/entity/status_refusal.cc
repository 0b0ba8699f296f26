#include "services/entity/status_refusal.h"

#include <algorithm>
#include <string>

#include "storage/dictionary/state.h"

namespace journeyfeed::entity_service {
namespace {

namespace pb = entity::v1;
using dictionary::Actor;
using dictionary::Column;
using dictionary::Entity;
using dictionary::Option;

// "Draft, Stopped"; labels that hold a comma are quoted.
std::string Labels(const std::vector<const Option*>& options) {
  std::string text;
  for (const Option* option : options) {
    const bool quoted = option->label.find(',') != std::string::npos;
    text += (text.empty() ? "" : ", ") + (quoted ? '"' + option->label + '"' : option->label);
  }
  return text.empty() ? "none" : text;
}

template <typename Allows>
std::string LabelsWhere(const Entity& entity, Allows allows) {
  std::vector<const Option*> options;
  for (const Option& option : dictionary::EnforcedStates(entity).status->options) {
    if (allows(option)) options.push_back(&option);
  }
  return Labels(options);
}

Failure About(const Entity& entity, const RowOutcome& outcome, ErrorReason reason, std::string message) {
  return Failure{.reason = reason, .message = std::move(message)}
      .With("entity", entity.logical_name)
      .With("id", outcome.key.id.ToString());
}

Failure DeletionRefused(const Entity& entity, const Option& status, const RowOutcome& outcome) {
  const std::string allowed = LabelsWhere(entity, [](const Option& option) { return option.deletable; });
  return About(entity, outcome, pb::ERROR_REASON_INVALID_STATE,
               "a record that is " + status.label + " cannot be deleted; these can: " + allowed)
      .With("status", status.label)
      .With("allowed", allowed);
}

Failure CreationRefused(const Entity& entity, const Option& asked, const RowOutcome& outcome) {
  const std::string initial =
      dictionary::EnforcedStates(entity).status->FindOption(dictionary::InitialStatus(entity))->label;
  return About(entity, outcome, pb::ERROR_REASON_INVALID_STATE_TRANSITION,
               "a new record is " + initial + ", not " + asked.label)
      .With("from", "")
      .With("to", asked.label)
      .With("to_status", std::to_string(asked.value))
      .With("allowed", initial);
}

Failure TransitionRefused(const Entity& entity, const Option& from, const Option& to, const RowOutcome& outcome) {
  const auto targets = dictionary::TargetsOf(entity, Actor::kCaller, from.value);
  const bool by_server = dictionary::IsAllowedTransition(entity, from.value, to.value);
  return About(entity, outcome, pb::ERROR_REASON_INVALID_STATE_TRANSITION,
               "the status cannot change from " + from.label + " to " + to.label +
                   (by_server ? " by a caller: the service itself does that" : "") + "; allowed: " + Labels(targets))
      .With("from", from.label)
      .With("to", to.label)
      .With("from_status", std::to_string(from.value))
      .With("to_status", std::to_string(to.value))
      .With("allowed", Labels(targets));
}

// Where a column that a status locks can be edited.
std::string OpenIn(const Entity& entity, const Column& column) {
  return LabelsWhere(
      entity, [&](const Option& option) { return (dictionary::LockedIn(entity, option).always & column.bit()) == 0; });
}

Failure ColumnsRefused(const Entity& entity, const Option& status, std::uint64_t set, const RowOutcome& outcome,
                       std::string_view path) {
  const dictionary::LockedColumns locked = dictionary::LockedIn(entity, status);
  std::vector<FieldViolation> violations;
  std::string names;
  for (const Column& column : entity.columns) {
    if ((column.bit() & set & (locked.always | locked.once_passed)) == 0) continue;
    const bool passed = (column.bit() & locked.once_passed) != 0;
    // A conditional lock is the reason only when no other is.
    if (passed && (set & locked.always) != 0) continue;
    names += (names.empty() ? "" : ", ") + column.name;
    violations.push_back({std::string(path) + "." + column.name,
                          "cannot be changed in the status " + status.label +
                              (passed ? " once its time has come" : "; it can in: " + OpenIn(entity, column)),
                          pb::ERROR_REASON_CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY});
  }
  // Without a column: a read-only status lets callers touch nothing.
  Failure refused = About(entity, outcome, pb::ERROR_REASON_CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY,
                          names.empty() ? "a record that is " + status.label + " cannot be updated"
                                        : "the status " + status.label + " locks " + names)
                        .With("status", status.label)
                        .With("columns", names);
  refused.violations = std::move(violations);
  return refused;
}

}  // namespace

StateRequest StateRequestOf(const Entity& entity, const WriteRow& row) {
  StateRequest request{.message = row.message, .set = row.set};
  const Column* status = dictionary::EnforcedStates(entity).status;
  if (status == nullptr || (row.set & status->bit()) == 0) return request;
  const Value& value = row.values[static_cast<std::size_t>(status - entity.columns.data())];
  if (const auto* number = std::get_if<std::int32_t>(&value)) request.status = *number;
  return request;
}

Failure StatusRefusal(const Entity& entity, const StateRequest& request, const RowOutcome& outcome,
                      std::string_view path) {
  const Column& column = *dictionary::EnforcedStates(entity).status;
  const Option* asked = request.status ? column.FindOption(*request.status) : nullptr;
  if (!outcome.stored_status) return CreationRefused(entity, *asked, outcome);
  const Option& stored = *column.FindOption(*outcome.stored_status);
  if (request.message == pb::MESSAGE_NAME_DELETE) return DeletionRefused(entity, stored, outcome);
  if (asked != nullptr && asked != &stored) {
    const auto targets = dictionary::TargetsOf(entity, Actor::kCaller, stored.value);
    if (std::ranges::find(targets, asked) == targets.end()) return TransitionRefused(entity, stored, *asked, outcome);
  }
  return ColumnsRefused(entity, stored, request.set, outcome, path);
}

}  // namespace journeyfeed::entity_service
