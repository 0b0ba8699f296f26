// When a started PostgreSQL can be used.
#pragma once

#include <string>

#include "storage/embedded/process.h"
#include "storage/status.h"

namespace journeyfeed::embedded {

enum class Readiness {
  kReady,       // a session was opened
  kEnded,       // the postmaster has gone
  kRecovering,  // the time is over, and it says that it is still at work on its own recovery
  kSilent,      // the time is over and nothing answers, or nobody is let in
  kWoken,       // `wake` became readable
};

// Waits for the first session. `problem` takes libpq's last message, for people.
Readiness AwaitSession(Process& postmaster, const std::string& connection_string, Clock::time_point deadline, int wake,
                       std::string& problem);

// Makes the database when it is not there. `connection_string` leads to another one of the same cluster.
Result<void> EnsureDatabase(const std::string& connection_string, const std::string& name);

}  // namespace journeyfeed::embedded
