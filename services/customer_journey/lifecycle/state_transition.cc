#include "services/customer_journey/lifecycle/state_transition.h"

#include <algorithm>

#include "services/entity/request_parts.h"
#include "services/entity/write_outcome.h"
#include "storage/dictionary/state.h"

namespace journeyfeed::customer_journey {
namespace {

namespace pb = entity::v1;
namespace v1 = customerjourney::v1;
using dictionary::Actor;
using dictionary::Option;

const dictionary::Entity& Journeys() { return dictionary::Describe(v1::CustomerJourney::descriptor()); }

// The state with this name, or null.
const Option* FindState(std::string_view name) {
  const auto& states = dictionary::EnforcedStates(Journeys()).state->options;
  const auto found = std::ranges::find(states, name, &Option::label);
  return found == states.end() ? nullptr : &*found;
}

v1::IsValidStateTransitionResponse Judge(std::int32_t from, const Option& state, const Option& to) {
  v1::IsValidStateTransitionResponse response;
  if (to.state != state.value) return response;
  const auto open = dictionary::TargetsOf(Journeys(), Actor::kCaller, from);
  response.set_is_valid(dictionary::IsAllowedTransition(Journeys(), from, to.value));
  response.set_open_to_callers(from == to.value || std::ranges::find(open, &to) != open.end());
  return response;
}

}  // namespace

void StateTransitionQuestions::Register(call::RawService& service) {
  service.Unary<Request, Response>("IsValidStateTransition",
                                   [this](const call::Call<Request, Response>& call) { Answer(call); });
}

void StateTransitionQuestions::Answer(const call::Call<Request, Response>& call) {
  const Request& request = call.request();
  entity_service::Violations violations;
  const dictionary::Column& status = *dictionary::EnforcedStates(Journeys()).status;
  const RecordKey key =
      entity_service::ReadReference(Journeys(), request.entity(), request.has_entity(), "entity", violations);
  const Option* state = FindState(request.new_state());
  const Option* to = status.FindOption(request.new_status());
  if (state == nullptr) {
    violations.push_back({"new_state", "expected the name of a state: Active or Inactive",
                          pb::ERROR_REASON_PICKLIST_VALUE_OUT_OF_RANGE});
  }
  if (to == nullptr) violations.push_back({"new_status", "not a status", pb::ERROR_REASON_PICKLIST_VALUE_OUT_OF_RANGE});
  if (!violations.empty()) return call.Finish(std::unexpected(InvalidFields(std::move(violations))));

  RecordRequest read{.entity = &Journeys(),
                     .key = key,
                     .columns = status.bit(),
                     .not_before = {},
                     .fresh = true,
                     .deadline = call.context().deadline,
                     .gone = call.gone()};
  store_.Retrieve(std::move(read), [call, key, state, to](Result<std::optional<StoredRecord>> record) {
    if (!record) return call.Finish(std::unexpected(record.error()));
    if (!*record) return call.Finish(std::unexpected(entity_service::NotFound(Journeys(), key)));
    v1::CustomerJourney stored;
    stored.ParseFromString((*record)->bytes);
    call.Finish(Judge(stored.status_code(), *state, *to));
  });
}

}  // namespace journeyfeed::customer_journey
