#include "services/customer_journey/service.h"

#include "services/customer_journey/journey_checks.h"
#include "services/customer_journey/lifecycle/state_transition.h"

namespace journeyfeed::customer_journey {
namespace {

struct Methods {
  Methods(Store& store, const feed::TokenCodec& tokens)
      : transitions(store), checks(store, tokens, kUnknownRecordStates) {}

  // The state of other services' records is not known here, so nothing is said of it.
  static constexpr const RecordStates* kUnknownRecordStates = nullptr;
  StateTransitionQuestions transitions;
  JourneyChecks checks;
};

}  // namespace

std::shared_ptr<void> AddMethods(call::RawService& service, Store& store, const feed::TokenCodec& tokens) {
  auto methods = std::make_shared<Methods>(store, tokens);
  methods->transitions.Register(service);
  methods->checks.Register(service);
  return methods;
}

}  // namespace journeyfeed::customer_journey
