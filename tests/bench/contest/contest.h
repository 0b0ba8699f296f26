// Holds a workload: its cells take turns, in one order in even rounds and the other way round in odd ones, so that what
// changes on the machine meets all of them alike.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/bench/contest/workload.h"

namespace journeyfeed::bench {

struct Result {
  std::string workload;
  std::vector<std::string> cells;  // in their order
  std::vector<Figure> figures;
  std::vector<Trial> trials;
};

// Calls `finished` after every trial. A cell that throws std::exception has a fault with its text, and its round goes
// on.
Result Hold(const Workload& workload, const Scale& scale, const std::function<void(const Trial&)>& finished);

// The rounds of the trials that count.
std::vector<Round> RoundsOf(const std::vector<Trial>& trials);

// The values of a figure in the rounds that have all that it needs.
std::vector<double> ValuesOf(const Figure& figure, const std::vector<Round>& rounds);

}  // namespace journeyfeed::bench
