#include "storage/postgres/upkeep/disk_guard.h"

#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetryAfter = 5s;

}  // namespace

DiskGuard::DiskGuard(std::string directory, std::int64_t reserve, const DiskMetrics& metrics)
    : directory_(std::move(directory)), reserve_(reserve), metrics_(metrics) {}

std::optional<Failure> DiskGuard::Refusal() {
  if (directory_.empty()) return std::nullopt;
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  std::int64_t due = look_at_;
  // One caller checks; the others use the last result.
  if (now >= due && look_at_.compare_exchange_strong(due, now + std::chrono::nanoseconds(kInterval).count())) Poll();
  if (!reached_) return std::nullopt;
  return Failure{.reason = entity::v1::ERROR_REASON_OVERLOADED,
                 .message = "the database's disk is full",
                 .retry_after = kRetryAfter};
}

void DiskGuard::Poll() {
  struct statvfs disk {};
  if (statvfs(directory_.c_str(), &disk) != 0) return;
  const auto free = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
  metrics_.free_bytes->Set(static_cast<double>(free));
  const bool reached = free < reserve_;
  if (reached_.exchange(reached) == reached) return;
  metrics_.reached->Set(reached ? 1 : 0);
  if (reached) {
    spdlog::error("the database's disk has only {} MiB left: writes are refused", free >> 20);
  } else {
    spdlog::info("the database's disk has space again: writes are accepted");
  }
}

}  // namespace journeyfeed::postgres
