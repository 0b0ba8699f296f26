#include "storage/postgres/sql/state_sql.h"

#include <array>

#include "journeyfeed/entity/v1/message_name.pb.h"
#include "storage/dictionary/state.h"

namespace journeyfeed::postgres {
namespace {

using dictionary::Actor;
using dictionary::Column;
using dictionary::Entity;
using dictionary::Option;

// Between the branches of the function's case.
constexpr std::string_view kBranch = "\n             ";

std::string List(const std::vector<const Option*>& options) {
  std::string text;
  for (const Option* option : options) text += (text.empty() ? "" : ", ") + std::to_string(option->value);
  return "(" + text + ")";
}

// "case <stored status> when 192350000 then <of it> … else <otherwise> end"
template <typename Of>
std::string ByStatus(const Entity& entity, const std::string& otherwise, Of of) {
  const Column& status = *dictionary::EnforcedStates(entity).status;
  std::string text = "case cur." + status.name;
  for (const Option& option : status.options) {
    const std::string value = of(option);
    if (value != otherwise) text += " when " + std::to_string(option.value) + " then " + value;
  }
  return text + " else " + otherwise + " end";
}

std::string IsSystem() { return "k.parent_message = " + std::to_string(entity::v1::MESSAGE_NAME_LIFECYCLE); }

std::string Allowed(const Entity& entity, Actor actor) {
  const std::string status = "k." + dictionary::EnforcedStates(entity).status->name;
  return ByStatus(entity, "false", [&](const Option& option) {
    const auto targets = dictionary::TargetsOf(entity, actor, option.value);
    return targets.empty() ? std::string("false") : status + " in " + List(targets);
  });
}

// The zone on whose clock the times of a record are to be read. Precondition: some column is editable until its time.
const std::string& ZoneColumn(const Entity& entity) { return entity.With(entity::v1::COLUMN_ROLE_TIME_ZONE).name; }

// The columns that callers may not set, as a bit set.
std::string Locked(const Entity& entity) {
  std::string text = ByStatus(
      entity, "0", [&](const Option& option) { return std::to_string(dictionary::LockedIn(entity, option).always); });
  for (const Column& column : entity.columns) {
    if (column.editable_until_passed_in.empty()) continue;
    const std::string bit = std::to_string(column.bit());
    std::vector<const Option*> statuses;
    const Column& status = *dictionary::EnforcedStates(entity).status;
    for (const Option& option : status.options) {
      if ((dictionary::LockedIn(entity, option).once_passed & column.bit()) != 0) statuses.push_back(&option);
    }
    text += std::string(kBranch) + "     | case when k.set & " + bit + " <> 0 and cur." + status.name + " in " +
            List(statuses) + " and journeyfeed.wall_clock_instant(date_trunc('minute', cur." + column.name + "), cur." +
            ZoneColumn(entity) + ") <= v_now then " + bit + " else 0 end";
  }
  return text;
}

// "status in (…)" of the read-only statuses.
std::string IsReadOnly(const Entity& entity, std::string_view row) {
  const Column& status = *dictionary::EnforcedStates(entity).status;
  std::vector<const Option*> statuses;
  for (const Option& option : status.options) {
    if (option.read_only) statuses.push_back(&option);
  }
  return std::string(row) + "." + status.name + (statuses.empty() ? " is null" : " in " + List(statuses));
}

std::string StateColumnList(const Entity& entity) {
  std::string text = ", t." + dictionary::EnforcedStates(entity).status->name;
  for (const Column& column : entity.columns) {
    if (column.editable_until_passed_in.empty()) continue;
    text.append(", t.").append(column.name).append(", t.").append(ZoneColumn(entity));
  }
  return text;
}

std::string StateIndex(const Entity& entity) {
  const auto& options = dictionary::EnforcedStates(entity).status->options;
  return ", " + ByStatus(entity, "-1", [&](const Option& option) { return std::to_string(&option - options.data()); }) +
         " as state";
}

std::string CreateChecks(const Entity& entity) {
  const Column& status = *dictionary::EnforcedStates(entity).status;
  return std::string(kBranch) + "when k.set & " + std::to_string(status.bit()) + " <> 0 and k." + status.name + " <> " +
         std::to_string(dictionary::InitialStatus(entity)) + " then 'S'";
}

std::string StateChecks(const Entity& entity) {
  const Column& status = *dictionary::EnforcedStates(entity).status;
  std::vector<const Option*> deletable;
  for (const Option& option : status.options) {
    if (option.deletable) deletable.push_back(&option);
  }
  std::string text;
  const auto branch = [&](const std::string& condition) {
    text.append(kBranch).append("when ").append(condition).append(" then 'S'");
  };
  const std::string deletion = std::to_string(entity::v1::MESSAGE_NAME_DELETE);
  branch("k.message = " + deletion + " and cur." + status.name + " not in " + List(deletable));
  branch("k.set & " + std::to_string(status.bit()) + " <> 0 and k." + status.name + " <> cur." + status.name +
         " and not case when " + IsSystem() + " then " + Allowed(entity, Actor::kSystem) + " else " +
         Allowed(entity, Actor::kCaller) + " end");
  branch("(" + IsSystem() + ") is not true and k.set & (" + Locked(entity) + ") <> 0");
  // Otherwise an update of nothing would become the record's newest version and name its caller as the last modifier.
  branch("(" + IsSystem() + ") is not true and k.message <> " + deletion + " and k.set & " +
         std::to_string(status.bit()) + " = 0 and " + IsReadOnly(entity, "cur"));
  return text;
}

std::string Make(const Entity& entity, std::string_view name) {
  if (name == "state_columns") return StateColumnList(entity);
  if (name == "state_index") return StateIndex(entity);
  if (name == "create_checks") return CreateChecks(entity);
  if (name == "state_checks") return StateChecks(entity);
  if (name == "collect_states") return ",\n         array_agg(case when k.code = 'S' then k.state end order by k.ord)";
  return ", v_states";  // into_states
}

}  // namespace

std::string KeepsWriter(const Entity& entity) {
  return "(" + IsSystem() + ") is not true and " + IsReadOnly(entity, "t");
}

std::optional<std::string> StateFragment(const Entity& entity, std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"state_columns", "state_index",    "create_checks",
                                                      "state_checks",  "collect_states", "into_states"};
  bool known = false;
  for (const std::string_view each : kNames) known = known || each == name;
  if (!known) return std::nullopt;
  return dictionary::EnforcedStates(entity).status == nullptr ? std::string() : Make(entity, name);
}

}  // namespace journeyfeed::postgres
