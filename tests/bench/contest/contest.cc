#include "tests/bench/contest/contest.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <stdexcept>

namespace journeyfeed::bench {
namespace {

Measurement RunGuarded(const Cell& cell) {
  try {
    return cell.run();
  } catch (const std::exception& e) {
    return {.metrics = {}, .faults = {e.what()}};
  }
}

// Figures that have no value although every trial counts are about contenders that were left out.
void LeaveOutMissing(Result& result) {
  if (!std::ranges::all_of(result.trials, [](const Trial& trial) { return trial.measurement.counts(); })) return;
  const std::vector<Round> rounds = RoundsOf(result.trials);
  std::erase_if(result.figures, [&rounds](const Figure& figure) { return ValuesOf(figure, rounds).empty(); });
}

}  // namespace

Result Hold(const Workload& workload, const Scale& scale, const std::function<void(const Trial&)>& finished) {
  Bout bout = workload.prepare(scale);
  Result result{.workload = workload.name, .cells = {}, .figures = bout.figures, .trials = {}};
  for (const Cell& cell : bout.cells) result.cells.push_back(cell.name);
  for (int round = 0; round < scale.rounds; ++round) {
    for (const Cell& cell : bout.cells) {
      result.trials.push_back({.workload = workload.name,
                               .cell = cell.name,
                               .contender = cell.contender,
                               .parameters = cell.parameters,
                               .round = round,
                               .measurement = RunGuarded(cell)});
      finished(result.trials.back());
    }
    std::ranges::reverse(bout.cells);
  }
  LeaveOutMissing(result);
  return result;
}

std::vector<Round> RoundsOf(const std::vector<Trial>& trials) {
  std::vector<Round> rounds;
  for (const Trial& trial : trials) {
    const auto number = static_cast<std::size_t>(trial.round);
    if (rounds.size() <= number) rounds.resize(number + 1);
    if (trial.measurement.counts()) rounds[number][trial.cell] = trial.measurement.metrics;
  }
  return rounds;
}

std::vector<double> ValuesOf(const Figure& figure, const std::vector<Round>& rounds) {
  std::vector<double> values;
  for (const Round& round : rounds) {
    try {
      const double value = figure.of(round);
      if (std::isfinite(value)) values.push_back(value);
    } catch (const std::out_of_range&) {  // a cell of this round does not count
    }
  }
  return values;
}

}  // namespace journeyfeed::bench
