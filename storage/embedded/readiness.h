// Waits until a started PostgreSQL can be used.
#pragma once

#include <string>

#include "storage/embedded/process.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

enum class Readiness {
  kReady,       // a connection was opened
  kEnded,       // the postmaster is gone
  kRecovering,  // the deadline passed, and it reports that it is still in recovery
  kSilent,      // the deadline passed and it does not answer, or accepts no connection
  kWoken,       // `wake` became readable
};

// Waits for the first connection. `problem` gets libpq's last message, for people.
Readiness AwaitSession(Process& postmaster, const std::string& connection_string, Clock::time_point deadline, int wake,
                       std::string& problem);

// Makes the database if it is missing. `connection_string` leads to another database of the same cluster.
Result<void> EnsureDatabase(const std::string& connection_string, const std::string& name);

}  // namespace journeyfeed::embedded
