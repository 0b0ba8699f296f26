// The messages of customer journeys that report about a journey: Validate, RetrieveJourneyReferences,
// RetrieveJourneyIterations, GetAllTimeZonesWithDisplayName.
#pragma once

#include <functional>
#include <optional>

#include "journeyfeed/customerjourney/v1/customer_journey_validation.pb.h"
#include "services/call/raw_service.h"
#include "services/customer_journey/check_queue.h"
#include "services/customer_journey/validation/records.h"
#include "services/feed/token.h"
#include "storage/store.h"

namespace journeyfeed::customer_journey {

// Thread-safe; must outlive the server. What the constructor takes must outlive it; `records` may be null.
class JourneyChecks {
 public:
  JourneyChecks(Store& store, const feed::TokenCodec& tokens, const RecordStates* records);

  // Adds the methods to `service`, which keeps a pointer to this object.
  void Register(call::RawService& service);

 private:
  using ValidateCall = call::Call<customerjourney::v1::ValidateRequest, customerjourney::v1::ValidateResponse>;
  using ReferencesCall = call::Call<customerjourney::v1::RetrieveJourneyReferencesRequest,
                                    customerjourney::v1::RetrieveJourneyReferencesResponse>;
  using IterationsCall = call::Call<customerjourney::v1::RetrieveJourneyIterationsRequest,
                                    customerjourney::v1::RetrieveJourneyIterationsResponse>;

  void Validate(const ValidateCall& call);
  void RetrieveReferences(const ReferencesCall& call);
  void RetrieveIterations(const IterationsCall& call);
  // Reads the journey of the request and passes it to `answer` on a thread of the queue. Any error ends the call.
  template <typename AnyHandle, typename Answer>
  void WithJourney(const AnyHandle& call, std::vector<FieldViolation> violations, Answer answer);

  Store& store_;
  const feed::TokenCodec& tokens_;
  const RecordStates* const records_;
  const dictionary::Entity& entity_;
  CheckQueue queue_;
};

}  // namespace journeyfeed::customer_journey
