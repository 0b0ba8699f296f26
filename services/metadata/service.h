// MetadataService: the data dictionary as an answer. Needs no store: it serves while the database is away.
#pragma once

#include <memory>

#include "services/call/raw_service.h"

namespace journeyfeed::metadata_service {

// The service, ready to be registered. `metrics` outlives it.
std::shared_ptr<call::RawService> MakeService(Metrics& metrics, const call::Policy& policy);

}  // namespace journeyfeed::metadata_service
