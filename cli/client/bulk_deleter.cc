#include "cli/client/bulk_deleter.h"

#include <utility>

#include "cli/output/number_text.h"
#include "storage/proto_time.h"

namespace journeyfeed::cli {
namespace {

// Whether the run was completed and records are left.
bool SaysWhatIsLeft(const CommandFailure& failure) {
  return failure.reason == "CONCURRENCY_VERSION_MISMATCH" || failure.reason == "INVALID_STATE";
}

}  // namespace

Outcome<BulkDeleteTotals> BulkDeleter::DeleteAll(const std::stop_token& stop) {
  for (;;) {
    const std::optional<CommandFailure> failure = OneCall(stop);
    if (failure && call_.failed > 0 && SaysWhatIsLeft(*failure)) call_.why_left = failure;
    const BulkDeleteTotals counted = totals();
    if (complete_ || counted.why_left) return counted;
    // A repeated dry run counts from the beginning. Records that failed are tried again.
    if (!request_.dry_run) deleted_before_ = counted.deleted;
    call_ = {};
    const auto delay = stop.stop_requested() ? Outcome<std::chrono::milliseconds>() : Delay(failure);
    if (!delay) return std::unexpected(delay.error());
    if (stop.stop_requested() || !Pause(stop, *delay)) {
      return std::unexpected(Interrupted("interrupted after " + Grouped(counted.deleted) + " records"));
    }
  }
}

std::optional<CommandFailure> BulkDeleter::OneCall(const std::stop_token& stop) {
  end_.reset();
  auto done = CallOnce(
      connection_,
      [this](grpc::ClientContext* context) {
        return client_.BulkDelete(context, request_, [this](const BulkDeleteMessage& message) { Receive(message); });
      },
      stop);
  progress_.Erase();
  return done ? std::nullopt : std::optional(std::move(done.error()));
}

void BulkDeleter::Receive(const BulkDeleteMessage& message) {
  if (message.deleted_count > call_.deleted) backoff_.Reset();
  call_ = {.deleted = message.deleted_count, .failed = message.failed_count};
  complete_ = message.done;
  end_ = message.stream_end;
  const auto deleted = static_cast<double>(totals().deleted);
  const double all = deleted + static_cast<double>(message.remaining_estimate);
  progress_.Show(totals().deleted, all > 0 ? std::optional(deleted / all) : std::nullopt);
}

Outcome<std::chrono::milliseconds> BulkDeleter::Delay(const std::optional<CommandFailure>& failure) {
  if (end_) return FromProto(end_->reconnect_after());
  const auto delay = backoff_.Next(failure ? failure->retry_after : std::nullopt);
  const bool again = !failure || MayRetry(*failure) || failure->reason == "WRITE_OUTCOME_UNKNOWN";
  if (again && backoff_.attempts() < kMaxAttempts) return delay;
  if (failure) return std::unexpected(*failure);
  CommandFailure early;
  early.exit_code = grpc::StatusCode::UNKNOWN;
  early.message = "the service ended the call before it was done";
  return std::unexpected(std::move(early));
}

}  // namespace journeyfeed::cli
