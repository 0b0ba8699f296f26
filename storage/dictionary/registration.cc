#include "storage/dictionary/registration.h"

#include "journeyfeed/customerjourney/v1/customer_journey_service.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.pb.h"

namespace journeyfeed::dictionary {

std::vector<Registration> OwnEntities() {
  namespace sessions = journeyrunsession::v1;
  namespace journeys = customerjourney::v1;
  return {
      {sessions::JourneyRunSession::descriptor(), sessions::CreateRequest::descriptor()->file()},
      {journeys::CustomerJourney::descriptor(), journeys::CreateRequest::descriptor()->file()},
  };
}

}  // namespace journeyfeed::dictionary
