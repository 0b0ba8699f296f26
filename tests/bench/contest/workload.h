// A workload is a list of cells, which take turns, and of figures, which compare the cells of a round.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/bench/contest/trial.h"

namespace journeyfeed::bench {

// How long and how large.
struct Scale {
  bool quick = false;
  int rounds = 10;
  std::chrono::milliseconds warm_up{2000};
  std::chrono::milliseconds window{5000};
  std::set<std::string> without = {};  // contenders that are left out
};

struct Cell {
  std::string name;
  std::string contender;
  Metrics parameters;
  std::function<Measurement()> run;
};

// What is asked of a figure.
struct Bar {
  enum class Sense { kAtMost, kAtLeast };
  Sense sense = Sense::kAtMost;
  double asked = 0;
  std::optional<double> moonshot = {};

  bool Met(double value) const { return sense == Sense::kAtMost ? value <= asked : value >= asked; }
};

struct Figure {
  std::string name;
  std::string unit;  // "" for a ratio
  std::optional<Bar> bar;
  // Throws std::out_of_range if a cell or metric that it needs is missing in the round.
  std::function<double(const Round&)> of;
};

// A workload that is ready: what it needs runs until it is destroyed.
struct Bout {
  std::vector<Cell> cells;
  std::vector<Figure> figures;
};

struct Workload {
  std::string name;
  std::string about;
  bool in_default = false;     // a row of the bars: its group names it too
  bool in_quick = false;       // same with --quick
  std::size_t open_files = 0;  // that this process or a server needs
  std::function<Bout(const Scale&)> prepare;
};

}  // namespace journeyfeed::bench
