#include "services/customer_journey/check_queue.h"

namespace journeyfeed::customer_journey {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr int kThreads = 2;
constexpr std::size_t kMostWaiting = 256;
constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

}  // namespace

CheckQueue::CheckQueue()
    : threads_("check of a journey", kThreads, {.tasks = kMostWaiting, .bytes = kMostBytes}, TaskThreads::AtEnd::kRun) {
}

void CheckQueue::RunCheck(std::size_t bytes, std::chrono::steady_clock::time_point deadline, Task task) {
  TaskThreads::Task queued = [deadline, task] {
    if (std::chrono::steady_clock::now() <= deadline) return task({});
    task(std::unexpected(Failure{.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
                                 .message = "deadline exceeded while the call was queued"}));
  };
  if (threads_.Accept(bytes, queued)) return;
  task(std::unexpected(
      Failure{.reason = pb::ERROR_REASON_OVERLOADED, .message = "too many checks are waiting", .retry_after = 100ms}));
}

}  // namespace journeyfeed::customer_journey
