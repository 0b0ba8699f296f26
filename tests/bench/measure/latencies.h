// A histogram of times from a nanosecond to hours, with an error of at most one part in 64, of fixed size.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace journeyfeed::bench {

class Latencies {
 public:
  void Record(std::chrono::nanoseconds time);  // negative times count as 0

  std::uint64_t count() const { return count_; }
  // The time that a share of all (0 to 1) do not exceed, in milliseconds; 0 without any.
  double Milliseconds(double share) const;

 private:
  static constexpr int kDigits = 6;  // binary ones that are kept of a time
  static constexpr std::uint64_t kSteps = 1 << kDigits;
  static constexpr int kPowers = 44 - kDigits;  // up to five hours

  static std::size_t BucketOf(std::uint64_t nanoseconds);
  static double MiddleOf(std::size_t bucket);

  std::array<std::uint64_t, kSteps*(kPowers + 1)> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace journeyfeed::bench
