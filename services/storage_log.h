// Storage knows nothing of the services' log: it logs through spdlog's default logger. This makes that logger one more
// way into Log.
#pragma once

namespace journeyfeed {

// After StartLogging, before other threads exist.
void AdoptStorageLog();

}  // namespace journeyfeed
