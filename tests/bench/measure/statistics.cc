#include "tests/bench/measure/statistics.h"

#include <algorithm>
#include <limits>
#include <random>

namespace journeyfeed::bench {
namespace {

constexpr std::size_t kSamples = 4000;
constexpr std::size_t kOutside = kSamples / 40;  // 2.5 % at each end

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Summary Summarize(const std::vector<double>& values) {
  Summary summary{.median = Median(values), .low = Median(values), .high = Median(values), .values = values.size()};
  if (values.size() < 2) return summary;
  std::minstd_rand random(1);
  std::uniform_int_distribution<std::size_t> any(0, values.size() - 1);
  std::vector<double> medians(kSamples), sample(values.size());
  for (double& median : medians) {
    for (double& value : sample) value = values[any(random)];
    median = Median(sample);
  }
  std::ranges::sort(medians);
  summary.low = medians[kOutside];
  summary.high = medians[kSamples - 1 - kOutside];
  return summary;
}

}  // namespace journeyfeed::bench
