// Repeats BulkDelete until nothing is left to do, whatever happens to the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "cli/client/backoff.h"
#include "cli/client/channel.h"
#include "cli/client/entity_client.h"
#include "cli/failure.h"
#include "cli/output/row_progress.h"

namespace journeyfeed::cli {

struct BulkDeleteTotals {
  std::int64_t deleted = 0;                     // with dry_run: would have been deleted
  std::int64_t failed = 0;                      // left, because they kept changing or their status forbids it
  std::optional<CommandFailure> why_left = {};  // the service's own words
};

// One run. The constructor's arguments must outlive it. One thread.
class BulkDeleter {
 public:
  BulkDeleter(EntityClient& client, const Connection& connection, BulkDeleteRequest request, RowProgress& progress)
      : client_(client), connection_(connection), request_(std::move(request)), progress_(progress) {}

  // Repeats a call that the service ends early or that breaks, at most four times in a row without progress: deleted
  // records are not found again. A stop cancels the call; the batch in progress is still deleted.
  Outcome<BulkDeleteTotals> DeleteAll(const std::stop_token& stop);

  // What was deleted so far, as far as reported. Also valid after a failure.
  BulkDeleteTotals totals() const {
    return {.deleted = deleted_before_ + call_.deleted, .failed = call_.failed, .why_left = call_.why_left};
  }

 private:
  // Why the call failed; nothing if the service completed it.
  std::optional<CommandFailure> OneCall(const std::stop_token& stop);
  void Receive(const BulkDeleteMessage& message);
  // The pause before the next call, or the reason why there is none.
  Outcome<std::chrono::milliseconds> Delay(const std::optional<CommandFailure>& failure);

  EntityClient& client_;
  const Connection& connection_;
  const BulkDeleteRequest request_;
  RowProgress& progress_;
  Backoff backoff_ = CallBackoff();
  std::int64_t deleted_before_ = 0;  // by earlier calls
  BulkDeleteTotals call_;            // of the current call
  bool complete_ = false;
  std::optional<entity::v1::StreamEnd> end_;
};

}  // namespace journeyfeed::cli
