// Summaries of few values, such as those of ten rounds.
#pragma once

#include <cstdint>
#include <vector>

namespace journeyfeed::bench {

// The middle one, or the mean of the two in the middle. NaN without values.
double Median(std::vector<double> values);

struct Summary {
  double median = 0;
  double low = 0;   // of the interval that contains the median with a probability of 95 %
  double high = 0;  // same
  std::size_t values = 0;
};

// The interval is that of the bootstrap: the medians of many samples drawn from the values with replacement. It is the
// same for the same values. One value is its own interval.
Summary Summarize(const std::vector<double>& values);

}  // namespace journeyfeed::bench
