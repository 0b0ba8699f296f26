// The metrics of the publisher.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <map>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"

namespace journeyfeed::customer_journey {

enum class StepOutcome {
  kDone,
  kLost,    // the record had changed meanwhile, usually by another replica
  kFailed,  // will be tried again
};

// Registers all series at zero. Thread-safe. The registry must outlive it.
class LifecycleMetrics {
 public:
  explicit LifecycleMetrics(prometheus::Registry& registry);

  void CountStep(customerjourney::v1::CustomerJourneyStatusCode to, StepOutcome outcome);
  void CountFailedClaim() { claim_errors_.Increment(); }
  void CountFailedCheck() { check_errors_.Increment(); }
  void SetWaiting(std::int64_t records) { waiting_.Set(static_cast<double>(records)); }

 private:
  std::map<std::pair<int, StepOutcome>, prometheus::Counter*> steps_;  // constant
  prometheus::Counter& claim_errors_;
  prometheus::Counter& check_errors_;
  prometheus::Gauge& waiting_;
};

}  // namespace journeyfeed::customer_journey
