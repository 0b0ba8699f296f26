#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {

std::vector<Workload> StalledWorkloads() { return {}; }

}  // namespace journeyfeed::bench
