// BulkDelete until nothing is left to do, whatever happens to the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "cli/backoff.h"
#include "cli/channel.h"
#include "cli/entity_client.h"
#include "cli/failure.h"
#include "cli/row_progress.h"

namespace journeyfeed::cli {

struct BulkDeleteTotals {
  std::int64_t deleted = 0;              // with dry_run: would have been
  std::int64_t failed = 0;               // left: they kept changing, or their status forbids it
  std::optional<Failure> why_left = {};  // as the service says it
};

// One run. What it was given outlives it. One thread.
class BulkDeleter {
 public:
  BulkDeleter(EntityClient& client, const Connection& connection, BulkDeleteRequest request, RowProgress& progress)
      : client_(client), connection_(connection), request_(std::move(request)), progress_(progress) {}

  // A call that the service ends early or that breaks is made again, four times in a row without any progress at most:
  // what is deleted already is not found again. A stop cancels the call; the batch under way is still deleted.
  Outcome<BulkDeleteTotals> Run(const std::stop_token& stop);

  // What was deleted so far, as far as it was told. Also after a failure.
  BulkDeleteTotals totals() const {
    return {.deleted = deleted_before_ + call_.deleted, .failed = call_.failed, .why_left = call_.why_left};
  }

 private:
  // Why the call failed; nothing when the service ended it.
  std::optional<Failure> OneCall(const std::stop_token& stop);
  void Receive(const BulkDeleteMessage& message);
  // How long to wait before the next call, or why there is none.
  Outcome<std::chrono::milliseconds> Delay(const std::optional<Failure>& failure);

  EntityClient& client_;
  const Connection& connection_;
  const BulkDeleteRequest request_;
  RowProgress& progress_;
  Backoff backoff_ = CallBackoff();
  std::int64_t deleted_before_ = 0;  // by earlier calls
  BulkDeleteTotals call_;            // of the present one
  bool complete_ = false;
  std::optional<entity::v1::StreamEnd> end_;
};

}  // namespace journeyfeed::cli
