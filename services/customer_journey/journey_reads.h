// Answers about a stored journey beyond its columns: the records that it uses, its iterations, the time zones.
#pragma once

#include <cstdint>

#include "journeyfeed/customerjourney/v1/customer_journey_validation.pb.h"

namespace journeyfeed::customer_journey {

customerjourney::v1::RetrieveJourneyReferencesResponse ReferencesOf(
    const customerjourney::v1::CustomerJourney& journey);

// At most `count` iterations, starting with number `first` (from 1).
customerjourney::v1::RetrieveJourneyIterationsResponse IterationsOf(const customerjourney::v1::CustomerJourney& journey,
                                                                    std::int64_t first, std::int64_t count);

customerjourney::v1::GetAllTimeZonesWithDisplayNameResponse TimeZones();

}  // namespace journeyfeed::customer_journey
