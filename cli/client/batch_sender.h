// Sends a batch of an import until the outcome of every line is known.
#pragma once

#include <stop_token>
#include <vector>

#include "cli/client/channel.h"
#include "cli/client/entity_client.h"
#include "cli/import/import_line.h"
#include "cli/import/import_report.h"

namespace journeyfeed::cli {

// Thread-safe. The constructor's arguments must outlive it.
class BatchSender {
 public:
  BatchSender(EntityClient& client, const Connection& connection, const ImportOptions& options, ImportReport& report)
      : client_(client), connection_(connection), options_(options), report_(report) {}

  // Reports every line as imported or failed. A call that was not taken, whose outcome is unknown, or that left rows
  // unknown, is sent again with its request id for as long as the connection's timeout. A call that is refused as a
  // whole is sent again without the lines that the refusal names, else in halves, until the bad lines are isolated.
  // Fails if the outcome of some lines remains unknown: the service does not answer, or does not accept this caller or
  // message.
  Outcome<void> Send(ImportBatch batch, const std::stop_token& stop);

 private:
  using Results = std::vector<entity::v1::RowResult>;

  Outcome<Results> Call(const ImportBatch& batch, const std::stop_token& stop);
  Outcome<void> NoteResults(const ImportBatch& batch, const Results& results);
  // Fails again if the failure does not belong to a line.
  Outcome<void> Divide(ImportBatch batch, const CommandFailure& failure, const std::stop_token& stop);

  EntityClient& client_;
  const Connection& connection_;
  const ImportOptions& options_;
  ImportReport& report_;
};

}  // namespace journeyfeed::cli
