#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {

std::vector<Workload> ReconnectWorkloads() { return {}; }

}  // namespace journeyfeed::bench
