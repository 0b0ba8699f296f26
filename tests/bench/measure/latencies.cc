#include "tests/bench/measure/latencies.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace journeyfeed::bench {

// Times below kSteps have a bucket each; above, every power of two has kSteps of them.
std::size_t Latencies::BucketOf(std::uint64_t nanoseconds) {
  const int power = std::max(0, static_cast<int>(std::bit_width(nanoseconds)) - kDigits - 1);
  const std::uint64_t step = nanoseconds >> power;  // kSteps to 2 * kSteps, or below in power 0
  return std::min<std::size_t>(static_cast<std::size_t>(power) * kSteps + step, kSteps * (kPowers + 1) - 1);
}

double Latencies::MiddleOf(std::size_t bucket) {
  if (bucket < 2 * kSteps) return static_cast<double>(bucket);
  const std::size_t power = bucket / kSteps - 1;
  const std::size_t step = bucket - power * kSteps;
  return (static_cast<double>(step) + 0.5) * std::exp2(static_cast<double>(power));
}

void Latencies::Record(std::chrono::nanoseconds time) {
  ++buckets_[BucketOf(static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count())))];
  ++count_;
}

double Latencies::Milliseconds(double share) const {
  if (count_ == 0) return 0;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return MiddleOf(i) / 1e6;
  }
  return MiddleOf(buckets_.size() - 1) / 1e6;
}

}  // namespace journeyfeed::bench
