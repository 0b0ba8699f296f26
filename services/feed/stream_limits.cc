#include "services/feed/stream_limits.h"

#include <algorithm>

namespace journeyfeed::feed {
namespace {

constexpr std::size_t kSmallestPage = 16 << 10;
constexpr std::size_t kLargestPage = 3 << 20;

}  // namespace

std::int64_t StreamLimits::NextPageBytes() const {
  const std::size_t held = std::min<std::size_t>(held_bytes_, settings_.page_bytes);
  return static_cast<std::int64_t>(std::clamp((settings_.page_bytes - held) / 8, kSmallestPage, kLargestPage));
}

}  // namespace journeyfeed::feed
