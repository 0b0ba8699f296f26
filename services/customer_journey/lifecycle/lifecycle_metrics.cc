#include "services/customer_journey/lifecycle/lifecycle_metrics.h"

namespace journeyfeed::customer_journey {
namespace {

namespace v1 = customerjourney::v1;

struct Target {
  v1::CustomerJourneyStatusCode status;
  const char* label;
};
constexpr Target kTargets[] = {{v1::CUSTOMER_JOURNEY_STATUS_CODE_LIVE, "live"},
                               {v1::CUSTOMER_JOURNEY_STATUS_CODE_ERROR, "error"},
                               {v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPED, "stopped"},
                               {v1::CUSTOMER_JOURNEY_STATUS_CODE_EXPIRED, "expired"}};
constexpr std::pair<StepOutcome, const char*> kOutcomes[] = {
    {StepOutcome::kDone, "done"}, {StepOutcome::kLost, "lost"}, {StepOutcome::kFailed, "failed"}};

auto& Errors(prometheus::Registry& registry) {
  return prometheus::BuildCounter()
      .Name("journeyfeed_lifecycle_errors_total")
      .Help("Failures of the publisher other than steps: claiming journeys, checking one.")
      .Register(registry);
}

}  // namespace

LifecycleMetrics::LifecycleMetrics(prometheus::Registry& registry)
    : claim_errors_(Errors(registry).Add({{"operation", "claim"}})),
      check_errors_(Errors(registry).Add({{"operation", "check"}})),
      waiting_(prometheus::BuildGauge()
                   .Name("journeyfeed_lifecycle_waiting")
                   .Help("Journeys that were Going live or Stopping at this replica's last poll, up to 10001.")
                   .Register(registry)
                   .Add({})) {
  auto& steps = prometheus::BuildCounter()
                    .Name("journeyfeed_lifecycle_steps_total")
                    .Help("Steps that the publisher took, by the status that follows. Lost: the journey had changed.")
                    .Register(registry);
  for (const Target& target : kTargets) {
    for (const auto& [outcome, label] : kOutcomes) {
      steps_[{target.status, outcome}] = &steps.Add({{"to", target.label}, {"outcome", label}});
    }
  }
}

void LifecycleMetrics::CountStep(v1::CustomerJourneyStatusCode to, StepOutcome outcome) {
  const auto found = steps_.find({to, outcome});
  if (found != steps_.end()) found->second->Increment();
}

}  // namespace journeyfeed::customer_journey
