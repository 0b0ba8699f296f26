// The charts of a contest.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/contest/contest.h"

namespace journeyfeed::bench {

// Every figure of which something is asked: a bar as long as its median in parts of what is asked, on a scale of
// doublings, with its interval. A line marks what is asked, a dashed one the moonshot.
std::string FiguresChart(const std::vector<Result>& results);

// From commit to delivery, p50 and p99 of each cell that has them, on a scale of tenfolds; what is asked as lines.
std::string LatencyChart(const std::vector<Result>& results);

}  // namespace journeyfeed::bench
