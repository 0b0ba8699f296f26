#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {

std::vector<Workload> IdleWorkloads() { return {}; }

}  // namespace journeyfeed::bench
