#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {

std::vector<Workload> BulkReadWorkloads() { return {}; }

}  // namespace journeyfeed::bench
