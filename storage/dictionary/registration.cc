#include "storage/dictionary/registration.h"

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"

namespace journeyfeed::dictionary {

std::vector<const google::protobuf::Descriptor*> RegisteredRecords() {
  return {
      journeyrunsession::v1::JourneyRunSession::descriptor(),
      customerjourney::v1::CustomerJourney::descriptor(),
  };
}

}  // namespace journeyfeed::dictionary
