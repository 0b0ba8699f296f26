#include "services/customer_journey/lifecycle/step.h"

#include <algorithm>

#include "services/customer_journey/recurrence/recurrence.h"
#include "services/customer_journey/validation/validator.h"
#include "storage/dictionary/state.h"
#include "storage/dictionary/write_plan.h"

namespace journeyfeed::customer_journey {
namespace {

namespace v1 = customerjourney::v1;

Step Publish(const v1::CustomerJourney& journey, Timestamp now, const RecordStates* records) {
  const ValidationResult result = Validate(journey, {.going_live_at = now, .records = records});
  Step step{.to = v1::CUSTOMER_JOURNEY_STATUS_CODE_ERROR, .validation_results = ToDataverseJson(result)};
  if (!result.passed()) return step;
  step.to = v1::CUSTOMER_JOURNEY_STATUS_CODE_LIVE;
  step.lock_down_milliseconds = now.micros / 1000;
  // Callers cannot update a journey that is going live, so its last writer is the user who asked for it.
  step.published_by = Uuid::Parse(journey.modified_by());
  return step;
}

bool HasEnded(const v1::CustomerJourney& journey, Timestamp now) {
  const auto end = EndInstant(journey);
  const auto iterated = EndOfLastIteration(journey);
  return (end && *end <= now) || (iterated && *iterated <= now);
}

}  // namespace

std::optional<Step> NextStep(const v1::CustomerJourney& journey, Timestamp now, const RecordStates* records) {
  switch (journey.status_code()) {
    case v1::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE:
      return Publish(journey, now, records);
    case v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPING:
      return Step{.to = v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPED};
    case v1::CUSTOMER_JOURNEY_STATUS_CODE_LIVE:
      if (HasEnded(journey, now)) return Step{.to = v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPED};
      return std::nullopt;
    case v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPED:
      return Step{.to = v1::CUSTOMER_JOURNEY_STATUS_CODE_EXPIRED};
    default:
      return std::nullopt;
  }
}

WriteRequest WriteOf(const Step& step, const RecordKey& key, std::int64_t version) {
  const dictionary::Entity& entity = dictionary::Describe(v1::CustomerJourney::descriptor());
  dictionary::WritePlan plan{.key = key, .has_id = true};
  plan.values.resize(entity.columns.size());
  const auto assign = [&](const char* name, Value value) { plan.Assign(entity, *entity.Find(name), std::move(value)); };
  assign("status_code", static_cast<std::int32_t>(step.to));
  if (step.validation_results) assign("validation_results", *step.validation_results);
  if (step.published_by) assign("published_by", *step.published_by);
  if (step.lock_down_milliseconds) assign("lock_down_date_in_milliseconds", *step.lock_down_milliseconds);
  std::vector<FieldViolation> none;
  dictionary::CompleteState(entity, plan.values, plan.set, "", none);
  return {.entity = &entity,
          .rows = {{.message = entity::v1::MESSAGE_NAME_UPDATE,
                    .key = key,
                    .values = std::move(plan.values),
                    .set = plan.set,
                    .if_match = version}},
          .user = kSystemUser,
          .initiating_user = kSystemUser,
          .correlation_id = Uuid::MakeV7(),
          .parent = entity::v1::MESSAGE_NAME_LIFECYCLE,
          .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10)};
}

}  // namespace journeyfeed::customer_journey
