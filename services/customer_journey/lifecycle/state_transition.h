// IsValidStateTransition: compares the stored status of a record with the data dictionary (docs/dataverse.md 3.4).
#pragma once

#include "journeyfeed/customerjourney/v1/customer_journey_service.pb.h"
#include "services/call/raw_service.h"
#include "storage/store.h"

namespace journeyfeed::customer_journey {

// Thread-safe; must outlive the server. The store must outlive it.
class StateTransitionQuestions {
 public:
  explicit StateTransitionQuestions(Store& store) : store_(store) {}

  // Adds the method to `service`, which keeps a pointer to this object.
  void Register(call::RawService& service);

 private:
  using Request = customerjourney::v1::IsValidStateTransitionRequest;
  using Response = customerjourney::v1::IsValidStateTransitionResponse;

  void Answer(const call::Call<Request, Response>& call);

  Store& store_;
};

}  // namespace journeyfeed::customer_journey
