// The storage does not know the services' log: it logs through spdlog's default logger. This forwards that logger to
// Log.
#pragma once

namespace journeyfeed {

// Call it after StartLogging, before other threads exist.
void AdoptStorageLog();

}  // namespace journeyfeed
