// The CPU that each side uses between two points in time.
#pragma once

#include <sys/types.h>

#include <chrono>

#include "tests/bench/contest/trial.h"
#include "tests/bench/measure/processes.h"

namespace journeyfeed::bench {

class CpuWindow {
 public:
  // Begins. `database`: 0 for none.
  CpuWindow(pid_t server, pid_t database);

  // Adds server_cores, database_cores, client_cores, other_cores (all other processes) and stolen_cores, each in parts
  // of one core. Returns the seconds since the beginning.
  double End(Metrics& metrics) const;

 private:
  using Clock = std::chrono::steady_clock;

  const pid_t server_, database_;
  const CpuTimes begin_;
  const Clock::time_point began_;
};

// Adds a fault if the client used more than four fifths of a core: then it was measured, not the contender.
void JudgeClient(Measurement& measurement);

}  // namespace journeyfeed::bench
