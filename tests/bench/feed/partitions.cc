#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {

std::vector<Workload> PartitionWorkloads() { return {}; }

}  // namespace journeyfeed::bench
