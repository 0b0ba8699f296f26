// Trials as lines of JSON, for other programs:
//   {"run":…,"git":…,"machine":…,"workload":…,"cell":…,"contender":…,"parameters":{…},"round":…,"metrics":{…},
//    "faults":[…]}
#pragma once

#include <string>

#include "tests/bench/contest/trial.h"

namespace journeyfeed::bench {

// What all trials of one run of the program have in common.
struct Occasion {
  std::string run;  // when it began
  std::string git;  // the version that was measured
  std::string machine;
};

std::string JsonLine(const Occasion& occasion, const Trial& trial);

}  // namespace journeyfeed::bench
