// What a contest measures.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace journeyfeed::bench {

// By name, which ends with the unit if there is one: cpu_cores, commit_p99_ms.
using Metrics = std::map<std::string, double>;

struct Measurement {
  Metrics metrics;
  std::vector<std::string> faults;  // why it does not count; empty: it counts

  bool counts() const { return faults.empty(); }
};

// One measurement of one cell in one round of a workload.
struct Trial {
  std::string workload;
  std::string cell;  // the contender and what is special of its parameters; unique in the workload
  std::string contender;
  Metrics parameters;
  int round = 0;
  Measurement measurement;
};

// The measurements of one round that count, by cell.
using Round = std::map<std::string, Metrics>;

}  // namespace journeyfeed::bench
